// What a server that stops owes to the handlers that still run: the peers that they need, and a word that it stops.
#include "integration/service_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

using milliseconds = std::chrono::milliseconds;

struct draining_fixture : service_fixture {
    std::vector<std::string> told;  ///< What clients were notified of, and what else happened.
    std::vector<std::string> logged;
    int done_by_worker = 0;

    ~draining_fixture() { finish(); }
    void serve() {
        settings.log = [this](log_level level, std::string_view text) {
            if (level >= log_level::warning) logged.emplace_back(text);
        };
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        // Waits, then has a client of that name do the work.
        service->on("delegate",
                    [this](task_context& call, int wait, std::string name, int time) -> asio::awaitable<result<int>> {
                        co_await call.sleep_for(milliseconds(wait));
                        auto found = co_await service->find(std::move(name));
                        if (found.empty()) co_return failure(errc::task_failed, "nobody of that name");
                        auto reply = co_await found.front().call<int>("work", time);
                        co_return reply;
                    });
        service->on("count_for_ever", [](task_context& call, sink<int>& out) -> asio::awaitable<void> {
            for (int n = 0; !call.stopping(); ++n) {
                (void)co_await out.send(n);
                co_await call.sleep_for(1s);
            }
        });
        service->on("listen_for_ever", [](task_context& call, source<int>& in) -> asio::awaitable<int> {
            for (int sum = 0;;) {
                auto either = in.next() || call.stopping().wait();
                auto first = co_await std::move(either);
                if (first.index() == 1) co_return sum;
                auto& item = std::get<0>(first);
                if (!item || !*item) co_return -1;
                sum += **item;
            }
        });
        service->on("wait_for_stop",
                    [](task_context& call) -> asio::awaitable<void> { co_await call.stopping().wait(); });
        service->on_notify("slow", [this](task_context& call, int time) -> asio::awaitable<void> {
            told.emplace_back("slow begins");
            co_await call.sleep_for(milliseconds(time));
            told.emplace_back("slow ends");
        });
        service->on_stop([this] {
            told.emplace_back("on_stop");
            service->broadcast("last words");
        });
        service->on_stop([] { throw 42; });
        service->on_stop([this] { told.emplace_back("on_stop again"); });
        start();
    }
    client join_worker(std::uint32_t at_once = 1024) {
        auto config = client_settings;
        config.name = "worker";
        config.limits.max_calls = at_once;
        config.handlers = handlers();
        config.handlers.on("work", [this](task_context& call, int time) -> asio::awaitable<int> {
            co_await call.sleep_for(milliseconds(time));
            co_return ++done_by_worker;
        });
        return join(std::move(config));
    }
    void begin_stop() {
        service->stop();
        settle();
        BOOST_TEST(!life->done());
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
    errc end_of(const client& c) {
        return run([&] { return c.closed(); }).code;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(server_drains, draining_fixture)

BOOST_AUTO_TEST_CASE(a_handler_reaches_other_clients_until_it_ends) {
    serve();
    auto boss = join();
    auto worker = join_worker();
    auto call = begin<int>(boss, "delegate", 2000, "worker", 1000);
    settle();
    begin_stop();
    BOOST_TEST(worker.connected());
    const auto report = ended();
    BOOST_TEST(value_of(run(call)) == 1);
    BOOST_TEST((report.drained == 1U && report.cancelled == 0U && report.closed == 0U && report.took == 3s));
    BOOST_TEST((end_of(worker) == errc::shutting_down && end_of(boss) == errc::shutting_down));
}

BOOST_AUTO_TEST_CASE(jobs_that_are_queued_for_a_worker_are_done) {
    serve();
    auto boss = join();
    auto worker = join_worker(1);
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 5; ++i) calls.push_back(begin<int>(boss, "delegate", 0, "worker", 1000));
    settle();
    pass(500ms);
    const auto report = stop();
    BOOST_TEST((report.drained == 5U && report.cancelled == 0U && report.closed == 0U && report.took == 4500ms));
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_TEST(done_by_worker == 5);
}

BOOST_AUTO_TEST_CASE(calls_that_no_handler_made_are_waited_for_too) {
    serve();
    auto worker = join_worker(1);
    const auto to = run([this] { return service->peers(); }).at(0);
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 3; ++i) calls.push_back(spawn([&] { return to.call<int>("work", 1000); }));
    settle();
    const auto report = stop();
    BOOST_TEST((report.closed == 0U && report.took == 3s));
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "ok");
}

BOOST_AUTO_TEST_CASE(idle_clients_stay_until_the_last_handler_has_ended_and_their_new_calls_are_refused) {
    serve();
    auto busy = join();
    auto idle = join();
    auto call = begin<int>(busy, "sleep", 2000);
    settle();
    begin_stop();
    pass(1999ms);
    BOOST_TEST(idle.connected());
    BOOST_TEST(outcome(ask<std::string>(idle, "echo", "x")) == "shutting_down");
    pass(1ms);
    BOOST_TEST(!idle.connected());
    BOOST_TEST(value_of(run(call)) == 2000);
    BOOST_TEST((ended().took == 2s));
}

BOOST_AUTO_TEST_CASE(a_keyed_call_whose_client_has_gone_still_reaches_other_clients) {
    serve();
    auto boss = join();
    auto worker = join_worker();
    auto call = begin<int>(boss, once("order"), "delegate", 1000, "worker", 1000);
    settle();
    leave(boss);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    const auto report = stop();
    BOOST_TEST((report.drained == 1U && report.took == 2s));
    BOOST_TEST(done_by_worker == 1);
}

BOOST_AUTO_TEST_CASE(nothing_holds_the_clients_for_longer_than_the_drain) {
    settings.drain_timeout = 4s;
    serve();
    auto boss = join();
    auto worker = join_worker();
    auto call = begin<int>(boss, "delegate", 0, "worker", 3'600'000);
    auto other = begin<int>(boss, "sleep", 3'600'000);
    settle();
    const auto report = stop();
    BOOST_TEST((report.cancelled == 2U && report.closed == 0U && report.took == 4s));
    BOOST_TEST(outcome(run(call)) == "cancelled");
    BOOST_TEST(outcome(run(other)) == "cancelled");
    BOOST_TEST((end_of(worker) == errc::shutting_down));
}

BOOST_AUTO_TEST_CASE(endless_streams_that_watch_for_the_stop_hold_no_drain) {
    serve();
    auto c = join();
    auto counting = c.open<void, void, int>("count_for_ever");
    auto listening = c.open<int, int, void>("listen_for_ever");
    const auto out = listening.out();
    BOOST_TEST(outcome(run([&] { return out.send(4); })) == "ok");
    settle();
    const auto report = stop();
    BOOST_TEST((report.drained == 2U && report.cancelled == 0U && report.took <= 1s));
    BOOST_TEST(value_of(run([&] { return listening.reply(); })) == 4);
    BOOST_TEST(outcome(run([&] { return counting.reply(); })) == "ok");
}

BOOST_AUTO_TEST_CASE(whoever_waits_for_the_stop_is_told_whenever_it_began_to_wait) {
    serve();
    auto c = join();
    auto before = begin(c, "wait_for_stop");
    auto holds = begin<int>(c, "sleep", 1000);
    settle();
    BOOST_TEST(!before.done());
    begin_stop();
    BOOST_TEST(outcome(run(before)) == "ok");
    BOOST_TEST((ended().drained == 2U));
    BOOST_TEST(outcome(run(holds)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_wait_for_the_stop_ends_with_its_call) {
    serve();
    auto c = join();
    auto call = begin(c, "wait_for_stop");
    auto hasty = begin(c, with_timeout(100ms), "wait_for_stop");
    settle();
    BOOST_TEST(stats().running_calls == 2U);
    call.cancel();
    settle();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    pass(100ms);
    BOOST_TEST(outcome(run(hasty)) == "deadline_exceeded");
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(on_stop_is_called_when_the_stop_begins_and_what_it_sends_arrives) {
    serve();
    client_settings.handlers.on_notify("last words", [this] { told.emplace_back("last words"); });
    auto c = join();
    auto call = begin<int>(c, "sleep", 1000);
    settle();
    BOOST_TEST(told.empty());
    begin_stop();
    service->stop();
    settle();
    const std::vector<std::string> expected{"on_stop", "on_stop again", "last words"};
    BOOST_TEST(told == expected, boost::test_tools::per_element());
    BOOST_TEST(logged.size() == 1U);
    BOOST_TEST(logged.at(0).find("on_stop threw") != std::string::npos);
    BOOST_TEST((ended().drained == 1U));
    BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_CHECK_THROW(service->on_stop([] {}), usage_error);
}

BOOST_AUTO_TEST_CASE(stop_now_tells_too_that_it_stops) {
    serve();
    auto c = join();
    auto call = begin(c, "wait_for_stop");
    settle();
    service->stop_now();
    BOOST_TEST((ended().took == 0ms));
    BOOST_TEST(told.front() == "on_stop");
    BOOST_TEST(call.done());
    (void)run(call);
}

BOOST_AUTO_TEST_CASE(a_notification_that_is_handled_needs_other_clients_too) {
    serve();
    auto speaker = join();
    auto idle = join();
    BOOST_TEST(outcome(speaker.notify("slow", 2000)) == "ok");
    settle();
    begin_stop();
    pass(1999ms);
    BOOST_TEST(idle.connected());
    pass(1ms);
    BOOST_TEST(!idle.connected());
    BOOST_TEST((ended().took == 2s));
}

BOOST_AUTO_TEST_CASE(notifications_that_come_in_a_drain_are_handled_but_hold_nobody) {
    serve();
    auto speaker = join();
    auto idle = join();
    auto call = begin<int>(idle, "sleep", 1000);
    settle();
    begin_stop();
    BOOST_TEST(outcome(speaker.notify("slow", 3000)) == "ok");
    BOOST_TEST(outcome(speaker.notify("slow", 1000)) == "ok");
    settle();
    pass(1s);
    BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_TEST((!idle.connected() && !speaker.connected()));
    BOOST_TEST((ended().took == 4s));
    const std::vector<std::string> slow_ones(told.end() - 4, told.end());
    const std::vector<std::string> expected{"slow begins", "slow ends", "slow begins", "slow ends"};
    BOOST_TEST(slow_ones == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_published_before_the_end_is_handled_by_slow_clients) {
    serve();
    std::vector<int> heard;
    client_settings.handlers.on_notify("n", [&](task_context& call, int n) -> asio::awaitable<void> {
        co_await call.sleep_for(1s);
        heard.push_back(n);
    });
    auto c = join();
    for (int i = 0; i != 3; ++i) service->broadcast("n", i);
    settle();
    BOOST_TEST((stop().took == 0ms));
    pass(1s), pass(1s), pass(1s);
    BOOST_TEST(heard.size() == 3U);
    BOOST_TEST((end_of(c) == errc::shutting_down));
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_forgets_what_a_server_that_went_had_published) {
    serve();
    int heard = 0;
    client_settings.handlers.on_notify("n", [&](task_context& call) -> asio::awaitable<void> {
        co_await call.sleep_for(1h);
        ++heard;
    });
    auto c = join();
    service->broadcast("n");
    settle();
    BOOST_TEST((stop().took == 0ms));
    leave(c);
    BOOST_TEST(heard == 0);
}

BOOST_AUTO_TEST_CASE(only_what_a_stop_drained_or_cancelled_is_counted) {
    serve();
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::request(1, "sleep", "60000"));
    raw.sends(raw::error(0, errc::shutting_down, "the client's own reason"));
    raw.expects_the_end();
    BOOST_TEST(stats().running_calls == 0U);
    const auto report = stop();
    BOOST_TEST((report.drained == 0U && report.cancelled == 0U));
}

BOOST_AUTO_TEST_CASE(clients_that_close_by_themselves_when_told_are_let_go) {
    serve();
    auto hasty = join_raw();
    hasty.greets();
    auto busy = join();
    auto call = begin<int>(busy, "sleep", 1000);
    settle();
    begin_stop();
    hasty.forgets();
    hasty.leaves();
    const auto report = ended();
    BOOST_TEST((report.drained == 1U && report.closed == 0U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
