// A client that leaves in order: the jobs that its server gave it and its own calls finish, in bounded time.
#include "integration/sites_fixture.hpp"

#include <echosocket/client_pool.hpp>

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using milliseconds = std::chrono::milliseconds;

struct leaving_fixture : sites_fixture {
    std::vector<std::string> ends;  ///< Of clients, as their servers see them.
    std::vector<peer> met;
    std::optional<client_pool> pool;
    int stubborn = 0;

    leaving_fixture() {
        prepare = [this](server& s) {
            s.on("echo", echo_task);
            s.on("book", sleep_task);
            s.on_connect([this](const peer& who) {
                met.push_back(who);
                return result<void>();
            });
            s.on_disconnect([this](const peer&, const failure& why) { ends.emplace_back(name_of(why.code)); });
        };
        auto& own = client_settings.handlers;
        own.on("job", sleep_task);
        own.on("back", [](task_context& call, int wait) -> asio::awaitable<result<std::string>> {
            co_await call.sleep_for(milliseconds(wait));
            auto reply = co_await call.peer().call<std::string>("echo", std::string("needed"));
            co_return reply;
        });
        own.on("through_pool", [this](task_context& call, int wait) -> asio::awaitable<result<std::string>> {
            co_await call.sleep_for(milliseconds(wait));
            auto reply = co_await pool->call<std::string>("echo", std::string("by another"));
            co_return reply;
        });
        own.on("until_stop", [](task_context& call) -> asio::awaitable<void> { co_await call.stopping().wait(); });
        own.on("stubborn", [this](task_context& call) -> asio::awaitable<void> {
            ++stubborn;
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await call.sleep_for(1min);
            --stubborn;
        });
    }
    /// A client of site 0, without reconnecting.
    client serve_and_join() {
        client_settings.reconnect.enabled = false;
        open(0);
        return join_sites(1);
    }
    /// A job that the server gives to the last client that came.
    template <class T, class... Args>
    spawned<result<T>> give(std::string_view task, const Args&... args) {
        return give_to<T>(met.back(), task, args...);
    }
    template <class T, class... Args>
    spawned<result<T>> give_to(peer to, std::string_view task, const Args&... args) {
        auto job = spawn([&, to] { return to.call<T>(task, args...); });
        settle();
        return job;
    }
    spawned<shutdown_report> begin_drain(client& c, std::optional<milliseconds> within = {}) {
        auto draining = spawn([&c, within] { return within ? c.drain(*within) : c.drain(); });
        settle();
        return draining;
    }
    void expect_ends(const std::vector<std::string>& expected) {
        settle();
        BOOST_TEST(ends == expected, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_drains, leaving_fixture)

BOOST_AUTO_TEST_CASE(an_idle_client_leaves_at_once_and_in_order) {
    auto c = serve_and_join();
    auto draining = begin_drain(c);
    BOOST_TEST(draining.done());
    const auto report = run(draining);
    BOOST_TEST((report.connections == 1U && report.drained == 0U && report.closed == 0U && report.took == 0ms));
    BOOST_TEST((c.state() == client_state::closed && !c.connected()));
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::connection_closed));
    BOOST_TEST(outcome(ask<std::string>(c, "echo", "x")) == "connection_closed");
    expect_ends({"shutting_down"});
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(the_server_s_jobs_finish_and_its_new_ones_are_refused) {
    auto c = serve_and_join();
    auto quick = give<int>("job", 1000);
    auto slow = give<int>("job", 3000);
    auto draining = begin_drain(c);
    const auto refused = run(give<int>("job", 1));
    BOOST_TEST(outcome(refused) == "shutting_down");
    BOOST_TEST((refused.error().retryable && !refused.error().started));
    const auto report = run_in_virtual_time(draining);
    BOOST_TEST((report.drained == 2U && report.cancelled == 0U && report.closed == 0U && report.took == 3s));
    BOOST_TEST(value_of(run(quick)) == 1000);
    BOOST_TEST(value_of(run(slow)) == 3000);
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(a_job_that_crosses_the_goaway_is_refused_and_not_lost) {
    auto c = serve_and_join();
    auto draining = spawn([&] { return c.drain(); });
    auto job = spawn([to = met.back()] { return to.call<int>("job", 1000); });
    const auto crossed = run_in_virtual_time(job);
    BOOST_TEST((crossed || crossed.error().code == errc::shutting_down));
    (void)run_in_virtual_time(draining);
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(its_own_calls_finish_also_those_that_wait_for_their_turn) {
    settings.limits.max_calls = 1;
    auto c = serve_and_join();
    auto first = begin<int>(c, "book", 1000);
    auto second = begin<int>(c, "book", 1000);
    settle();
    const auto report = run_in_virtual_time(begin_drain(c));
    BOOST_TEST((report.took == 2s && report.closed == 0U));
    BOOST_TEST(value_of(run(first)) == 1000);
    BOOST_TEST(value_of(run(second)) == 1000);
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(a_job_may_call_the_server_meanwhile) {
    auto c = serve_and_join();
    auto job = give<std::string>("back", 1000);
    const auto report = run_in_virtual_time(begin_drain(c));
    BOOST_TEST((report.drained == 1U && report.took == 1s));
    BOOST_TEST(value_of(run(job)) == "needed");
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(a_job_that_watches_for_the_stop_ends_at_once) {
    auto c = serve_and_join();
    auto job = give<void>("until_stop");
    BOOST_TEST(!job.done());
    const auto report = run_in_virtual_time(begin_drain(c));
    BOOST_TEST((report.drained == 1U && report.took == 0ms));
    BOOST_TEST(outcome(run(job)) == "ok");
}

BOOST_AUTO_TEST_CASE(what_takes_longer_than_the_time_is_cancelled_and_answered_so) {
    auto c = serve_and_join();
    auto quick = give<int>("job", 1000);
    auto slow = give<int>("job", 3'600'000);
    const auto report = run_in_virtual_time(begin_drain(c, 5s));
    BOOST_TEST((report.drained == 1U && report.cancelled == 1U && report.took == 5s));
    BOOST_TEST(outcome(run(quick)) == "ok");
    const auto cancelled = run(slow);
    BOOST_TEST(outcome(cancelled) == "cancelled");
    BOOST_TEST(cancelled.error().started);
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(the_time_is_10_s_if_nobody_says_another) {
    auto c = serve_and_join();
    auto job = give<int>("job", 3'600'000);
    BOOST_TEST((run_in_virtual_time(begin_drain(c)).took == 10s));
    BOOST_TEST(outcome(run(job)) == "cancelled");
}

BOOST_AUTO_TEST_CASE(an_own_call_that_takes_longer_ends_with_the_connection) {
    auto c = serve_and_join();
    auto call = begin<int>(c, "book", 3'600'000);
    settle();
    const auto report = run_in_virtual_time(begin_drain(c, 1s));
    BOOST_TEST((report.closed == 0U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(a_handler_that_minds_no_cancel_is_given_2_s_and_then_the_connection_is_closed) {
    auto c = serve_and_join();
    auto job = give<void>("stubborn");
    auto draining = begin_drain(c, 1s);
    pass(3s, 100ms);
    BOOST_TEST((!c.connected() && !draining.done() && stubborn == 1));
    BOOST_TEST(outcome(run(job)) == "connection_lost");
    const auto report = run_in_virtual_time(draining);
    BOOST_TEST((report.closed == 1U && report.cancelled == 1U && report.took == 1min));
    BOOST_TEST(stubborn == 0);
}

BOOST_AUTO_TEST_CASE(without_any_time_only_what_ends_at_once_is_answered) {
    auto c = serve_and_join();
    auto job = give<int>("job", 1000);
    const auto report = run_in_virtual_time(begin_drain(c, -1s));
    BOOST_TEST((report.cancelled == 1U && report.took == 0ms));
    BOOST_TEST(outcome(run(job)) == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_server_that_answers_nothing_holds_nobody_for_longer_than_the_time) {
    client_settings.reconnect.enabled = false;
    auto [c, raw] = join_raw_server();
    auto draining = begin_drain(c, 5s);
    BOOST_TEST(std::string(wire::name_of(raw.expects_frame().kind)) == "GOAWAY");
    pass(4990ms);
    BOOST_TEST(c.connected());
    pass(10ms);
    BOOST_TEST(!c.connected());
    raw.leaves();
    BOOST_TEST((run_in_virtual_time(draining).took <= 6s));
}

BOOST_AUTO_TEST_CASE(who_awaits_it_may_give_up_and_it_goes_on) {
    auto c = serve_and_join();
    auto job = give<int>("job", 1000);
    auto draining = begin_drain(c);
    draining.cancel();
    settle();
    BOOST_TEST((draining.done() && c.connected()));
    (void)draining.get();
    BOOST_TEST((run_in_virtual_time(begin_drain(c, 1h)).took == 1s));
    BOOST_TEST(outcome(run(job)) == "ok");
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(closing_cuts_it_short) {
    auto c = serve_and_join();
    auto job = give<int>("job", 1000);
    auto draining = begin_drain(c);
    leave(c);
    BOOST_TEST(draining.done());
    (void)run(draining);
    BOOST_TEST(outcome(run(job)) == "connection_lost");
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(one_that_was_closed_or_never_connected_has_nothing_to_drain) {
    auto c = serve_and_join();
    leave(c);
    BOOST_TEST((run_in_virtual_time(begin_drain(c)).connections == 0U));
    client nobody;
    BOOST_TEST((run_in_virtual_time(begin_drain(nobody)).connections == 0U));
    client_pool none;
    BOOST_TEST((run([&] { return none.drain(); }).connections == 0U));
}

BOOST_AUTO_TEST_CASE(it_reconnects_no_more_whatever_happens) {
    open(0), open(1);
    auto c = join_sites(2);
    auto job = give<int>("job", 60'000);
    auto draining = begin_drain(c, 5s);
    cut(0);
    BOOST_TEST(draining.done());
    (void)run(draining);
    BOOST_TEST(outcome(run(job)) == "connection_lost");
    BOOST_TEST(sites[1].dialled.empty());
    BOOST_TEST((c.state() == client_state::closed));
}

BOOST_AUTO_TEST_CASE(one_that_has_no_connection_gives_up_at_once) {
    open(0);
    auto c = join_sites(1);
    shut(0);
    pass(50ms);
    auto waits = begin<std::string>(c, once(), "echo", "x");
    settle();
    BOOST_TEST(!waits.done());
    auto draining = begin_drain(c);
    BOOST_TEST(draining.done());
    BOOST_TEST((run(draining).connections == 0U));
    BOOST_TEST(outcome(run(waits)) == "connection_closed");
    pass(2s, 100ms);
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(one_that_is_connecting_gives_up_at_once) {
    open(0);
    auto c = join_sites(2);
    sites[1].how = manners::hangs;
    shut(0);
    BOOST_TEST(sites[1].dialled.size() == 1U);
    auto draining = begin_drain(c);
    BOOST_TEST(draining.done());
    (void)run(draining);
}

BOOST_AUTO_TEST_CASE(calls_at_a_server_that_it_was_told_to_leave_finish_too) {
    open(0), open(1);
    auto c = join_sites(2);
    auto call = begin<int>(c, "book", 1000);
    settle();
    sites[0].service->stop();
    settle();
    BOOST_TEST(value_of(ask<std::string>(c, "where")) == "site 1");
    const auto report = run_in_virtual_time(begin_drain(c));
    BOOST_TEST((report.connections == 2U && report.took == 1s));
    BOOST_TEST(value_of(run(call)) == 1000);
    expect_ends({"shutting_down", "shutting_down"});
}

BOOST_AUTO_TEST_CASE(both_ends_may_drain_at_once) {
    auto c = serve_and_join();
    auto job = give<int>("job", 1000);
    auto call = begin<int>(c, "book", 2000);
    settle();
    sites[0].service->stop();
    auto draining = begin_drain(c);
    const auto report = run_in_virtual_time(draining);
    BOOST_TEST((report.drained == 1U && report.took == 2s));
    BOOST_TEST(value_of(run(job)) == 1000);
    BOOST_TEST(value_of(run(call)) == 2000);
    settle();
    BOOST_TEST(sites[0].life->done());
    expect_ends({"shutting_down"});
}

BOOST_AUTO_TEST_CASE(a_pool_keeps_all_its_connections_for_the_handlers_of_any) {
    client_settings.reconnect.enabled = false;
    client_pool_config config;
    config.client = client_settings;
    config.size = 3;
    open(0);
    pool = value_of(run([&] { return client_pool::connect(dialers(1), config); }));
    std::vector<spawned<result<std::string>>> jobs;
    for (const auto& each : met) jobs.push_back(give_to<std::string>(each, "through_pool", 1000));
    auto last = give_to<std::string>(met.front(), "through_pool", 2000);
    auto draining = spawn([this] { return pool->drain(); });
    settle();
    pass(1s, 100ms);
    BOOST_TEST(pool->connected() == 3U);
    const auto report = run_in_virtual_time(draining);
    BOOST_TEST((report.connections == 3U && report.drained == 4U && report.closed == 0U && report.took == 2s));
    for (auto& job : jobs) BOOST_TEST(value_of(run(job)) == "by another");
    BOOST_TEST(value_of(run(last)) == "by another");
    expect_ends({"shutting_down", "shutting_down", "shutting_down"});
    pool.reset();
}

BOOST_AUTO_TEST_SUITE_END()
