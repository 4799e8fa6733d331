// Calls with an idempotency key: sent again if their connection was lost, run once.
#include "integration/sites_fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct idempotent_fixture : sites_fixture {
    int runs = 0;

    idempotent_fixture() {
        prepare = [this](server& s) {
            // A call that takes effect at its end, after `time` ms.
            s.on("book", [this](task_context& call, int time) -> asio::awaitable<int> {
                co_await call.sleep_for(std::chrono::milliseconds(time));
                co_return ++runs;
            });
            s.on("count", [this] { return ++runs; });
            s.on("size", [this](int bytes) {
                ++runs;
                return std::string(static_cast<std::size_t>(bytes), 'x');
            });
            s.on("fail", [this](int code) -> result<void> {
                ++runs;
                return failure(static_cast<errc>(code), "as asked");
            });
            // Tells of its cancellation itself, as one does that passes on the failure of a call of its own.
            s.on("pass_on", [this](task_context& call, int time) -> asio::awaitable<result<int>> {
                try {
                    co_await call.sleep_for(std::chrono::milliseconds(time));
                } catch (const boost::system::system_error&) {
                    co_return failure(errc::cancelled, "cancelled by the caller");
                }
                co_return ++runs;
            });
            s.on("throw", [this] {
                ++runs;
                throw std::runtime_error("as asked");
            });
        };
    }
    client serve_and_join() {
        open(0);
        return join_sites(1);
    }
    std::string fail(const client& c, const std::string& key, errc code) {
        return outcome(ask(c, once(key), "fail", static_cast<int>(code)));
    }
    int count(const client& c, const std::string& key) { return value_of(ask<int>(c, once(key), "count")); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(idempotent_calls, idempotent_fixture)

BOOST_AUTO_TEST_CASE(one_whose_connection_is_lost_is_sent_again_and_runs_once) {
    auto c = serve_and_join();
    auto call = begin<int>(c, once(), "book", 500);
    settle();
    pass(100ms);
    cut(0);
    BOOST_TEST(c.connected());
    pass(390ms);
    BOOST_TEST(!call.done());
    pass(10ms);  // when the first one has ended, not 500 ms after it was sent again
    BOOST_TEST(value_of(run(call)) == 1);
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(however_often_it_is_lost) {
    auto c = serve_and_join();
    auto call = begin<int>(c, once(), "book", 5000);
    settle();
    for (int i = 0; i != 3; ++i) pass(1100ms), cut(0);
    BOOST_TEST(value_of(run_in_virtual_time(call)) == 1);
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(it_ends_though_nobody_waits_for_it_and_its_result_is_there_for_who_asks_later) {
    auto c = serve_and_join();
    sites[0].how = manners::refuses;
    auto call = begin<int>(c, once("order 17"), "book", 500);
    settle();
    cut(0);
    leave(c);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    pass(500ms);
    BOOST_TEST(runs == 1);
    sites[0].how = manners::serves;
    auto later = join_sites(1);
    BOOST_TEST(value_of(ask<int>(later, once("order 17"), "book", 500)) == 1);
    BOOST_TEST(runs == 1);
    leave(later);
}

BOOST_AUTO_TEST_CASE(a_second_one_while_the_first_runs_gets_its_result) {
    auto c = serve_and_join();
    auto other = join_sites(1);
    auto first = begin<int>(c, once("a"), "book", 500);
    settle();
    auto second = begin<int>(c, once("a"), "book", 500);
    auto third = begin<int>(other, once("a"), "book", 500);
    settle();
    pass(500ms);
    BOOST_TEST(value_of(run(first)) == 1);
    BOOST_TEST(value_of(run(second)) == 1);
    BOOST_TEST(value_of(run(third)) == 1);
    BOOST_TEST(runs == 1);
    leave(c), leave(other);
}

BOOST_AUTO_TEST_CASE(who_waits_for_another_s_result_may_give_up) {
    auto c = serve_and_join();
    auto first = begin<int>(c, once("a"), "book", 500);
    settle();
    auto second = begin<int>(c, once("a"), "book", 500);
    settle();
    second.cancel();
    BOOST_TEST(outcome(run(second)) == "cancelled");
    pass(500ms);
    BOOST_TEST(value_of(run(first)) == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(keys_belong_to_a_task_and_other_keys_are_other_calls) {
    auto c = serve_and_join();
    BOOST_TEST(count(c, "a") == 1);
    BOOST_TEST(count(c, "a") == 1);
    BOOST_TEST(count(c, "b") == 2);
    BOOST_TEST(value_of(ask<int>(c, once("a"), "book", 0)) == 3);
    BOOST_TEST(once().idempotency_key.view() != once().idempotency_key.view());
    leave(c);
}

BOOST_AUTO_TEST_CASE(failures_of_the_task_are_remembered_and_such_as_say_try_again_are_not) {
    auto c = serve_and_join();
    for (const auto code : {errc::bad_request, errc::task_failed, errc::application, errc::cancelled,
                            errc::deadline_exceeded, errc::connection_closed}) {
        runs = 0;
        const auto name = std::string(name_of(code));
        for (int i = 0; i != 3; ++i) BOOST_TEST(fail(c, "key of " + name, code) == name);
        BOOST_TEST(runs == 1, name << " ran " << runs << " times");
    }
    for (const auto code : {errc::overloaded, errc::shutting_down, errc::connection_lost}) {
        runs = 0;
        const auto name = std::string(name_of(code));
        for (int i = 0; i != 3; ++i) BOOST_TEST(fail(c, "key of " + name, code) == name);
        BOOST_TEST(runs == 3, name << " ran " << runs << " times");
    }
    runs = 0;
    for (int i = 0; i != 2; ++i) BOOST_TEST(outcome(ask(c, once("t"), "throw")) == "task_failed");
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_was_cancelled_or_ran_out_of_time_runs_anew) {
    auto c = serve_and_join();
    auto call = begin<int>(c, once("a"), "book", 500);
    settle();
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    auto hasty = once("a");
    hasty.timeout = 100ms;
    BOOST_TEST(outcome(run_in_virtual_time(begin<int>(c, hasty, "book", 500))) == "deadline_exceeded");
    BOOST_TEST(runs == 0);
    BOOST_TEST(value_of(run_in_virtual_time(begin<int>(c, once("a"), "book", 500))) == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_was_cancelled_runs_anew_though_its_task_said_so_itself) {
    auto c = serve_and_join();
    auto call = begin<int>(c, once("a"), "pass_on", 500);
    settle();
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    BOOST_TEST(value_of(run_in_virtual_time(begin<int>(c, once("a"), "pass_on", 500))) == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_a_task_answers_is_not_taken_for_its_connection_s_end) {
    auto c = serve_and_join();
    for (const auto code : {errc::shutting_down, errc::connection_lost}) {
        runs = 0;
        const auto answer = ask(c, once(), "fail", static_cast<int>(code));  // at once, without another connection
        BOOST_TEST(outcome(answer) == name_of(code));
        BOOST_TEST(answer.error().detail == "as asked");
        BOOST_TEST(runs == 1);
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_lost_one_still_ends_at_its_deadline) {
    auto c = serve_and_join();
    sites[0].how = manners::refuses;
    auto hasty = once("a");
    hasty.timeout = 1s;
    auto call = begin<int>(c, hasty, "book", 60'000);
    settle();
    cut(0);
    pass(990ms);
    BOOST_TEST(run([&] { return sites[0].service->stats(); }).running_calls == 1U);
    pass(10ms);
    BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    BOOST_TEST(run([&] { return sites[0].service->stats(); }).running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_does_not_wait_for_lost_ones_for_longer_than_for_others) {
    auto c = serve_and_join();
    sites[0].how = manners::refuses;
    auto call = begin<int>(c, once("a"), "book", 60'000);
    settle();
    cut(0);
    leave(c);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    const auto begin = clock.now();
    shut(0);
    BOOST_TEST((clock.now() == begin));
    BOOST_TEST(runs == 0);
}

BOOST_AUTO_TEST_CASE(without_a_key_no_call_is_sent_twice_and_a_lost_one_is_cancelled) {
    auto c = serve_and_join();
    auto call = begin<int>(c, "book", 500);
    settle();
    cut(0);
    const auto lost = run(call);
    BOOST_TEST(outcome(lost) == "connection_lost");
    BOOST_TEST(lost.error().started);
    pass(1s);
    BOOST_TEST(runs == 0);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_remembers_nothing_runs_each_and_cancels_lost_ones) {
    settings.remembered_calls = 0;
    auto c = serve_and_join();
    BOOST_TEST(count(c, "a") == 1);
    BOOST_TEST(count(c, "a") == 2);
    auto call = begin<int>(c, once(), "book", 500);
    settle();
    cut(0);
    pass(490ms);
    BOOST_TEST(runs == 2);
    pass(10ms);
    BOOST_TEST(value_of(run(call)) == 3);
    leave(c);
}

BOOST_AUTO_TEST_CASE(no_more_results_are_kept_than_the_config_says) {
    settings.remembered_calls = 2;
    auto c = serve_and_join();
    for (int i = 1; i <= 3; ++i) BOOST_TEST(count(c, std::to_string(i)) == i);
    BOOST_TEST(count(c, "3") == 3);
    BOOST_TEST(count(c, "2") == 2);
    BOOST_TEST(count(c, "1") == 4);
    leave(c);
}

BOOST_AUTO_TEST_CASE(no_more_bytes_are_kept_than_the_config_says) {
    settings.remembered_bytes = 10'000;
    auto c = serve_and_join();
    const auto size = [&](const std::string& key, int bytes) {
        return value_of(ask<std::string>(c, once(key), "size", bytes)).size();
    };
    BOOST_TEST(size("a", 4000) == 4000U);
    BOOST_TEST(size("b", 4000) == 4000U);
    BOOST_TEST(size("a", 4000) == 4000U);
    BOOST_TEST(runs == 2);
    BOOST_TEST(size("c", 4000) == 4000U);
    BOOST_TEST(size("b", 4000) == 4000U);
    BOOST_TEST(runs == 3);
    BOOST_TEST(size("a", 4000) == 4000U);
    BOOST_TEST(runs == 4);
    for (int i = 0; i != 2; ++i) BOOST_TEST(size("too large", 20'000) == 20'000U);
    BOOST_TEST(runs == 6);
    leave(c);
}

BOOST_AUTO_TEST_CASE(no_result_is_kept_for_longer_than_the_config_says) {
    settings.remembered_for = 10s;
    auto c = serve_and_join();
    BOOST_TEST(count(c, "a") == 1);
    pass(10s, 1s);
    BOOST_TEST(count(c, "a") == 1);
    pass(10ms);
    BOOST_TEST(count(c, "a") == 2);
    leave(c);
}

// At any stage when the GOAWAY comes: not sent yet, on its way (the server then refuses it), or already served.
BOOST_DATA_TEST_CASE_F(idempotent_fixture, one_that_meets_a_goaway_runs_once_here_or_at_the_next_server,
                       boost::unit_test::data::xrange(24), steps) {
    open(0), open(1);
    auto c = join_sites(2);
    auto call = spawn([&] { return c.call<int>(once(), "count"); });
    for (int i = 0; i != steps; ++i) io.poll_one();
    sites[0].service->stop();
    settle();
    pass(1s, 100ms);
    BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_whose_server_ends_the_connection_as_it_shuts_down_is_sent_to_the_next) {
    sites[0].how = manners::stays_mute;
    open(1);
    auto joining = spawn([this] { return client::connect(dialers(2), client_settings); });
    settle();
    raw_peer leaving(std::move(sites[0].mute_ends.at(0)), turns());
    leaving.greets();
    auto c = value_of(run(joining));
    auto call = begin<int>(c, once("a"), "book", 500);
    auto without_key = begin<int>(c, "book", 500);
    settle();
    leaving.expects_frame();
    leaving.expects_frame();
    leaving.sends(raw::error(0, errc::shutting_down));
    leaving.leaves();
    BOOST_TEST(outcome(run(without_key)) == "shutting_down");
    pass(500ms, 100ms);
    BOOST_TEST(value_of(run(call)) == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_a_drain_cancelled_was_started_and_is_not_sent_again) {
    open(0), open(1);
    auto c = join_sites(2);
    auto running = begin<int>(c, once("a"), "book", 30'000);
    settle();
    sites[0].service->stop();
    settle();
    pass(12s, 100ms);  // the drain is over and the call was cancelled: it was started, and is not sent again
    BOOST_TEST(outcome(run(running)) == "cancelled");
    BOOST_TEST(count(c, "b") == 1);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
