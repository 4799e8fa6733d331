// The three stages of a shutdown: running calls may finish, then they are cancelled, then connections are closed.
#include "integration/service_fixture.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct stages_fixture : service_fixture {
    int stubborn = 0;

    void serve() {
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        service->on("stubborn", [this](task_context& call, int time) -> asio::awaitable<void> {
            ++stubborn;
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await call.sleep_for(std::chrono::milliseconds(time));
            --stubborn;
        });
        start();
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
    /// Asks the server to stop, which does not end it yet.
    void begin_stop() {
        service->stop();
        settle();
        BOOST_TEST(!life->done());
    }
    /// Plays the peer's part of a drain up to its PONG.
    static void expect_goaway(raw_peer& raw, std::uint32_t last_call) {
        const auto goaway = raw.expects_frame();
        wire::meta records;
        BOOST_TEST(wire::parse_meta(goaway.meta, records));
        BOOST_TEST(std::string(wire::name_of(goaway.kind)) == "GOAWAY");
        BOOST_TEST(records.last_call.value() == last_call);
        BOOST_TEST(std::string(name_of(static_cast<errc>(records.code))) == "shutting_down");
        const auto barrier = raw.expects_frame();
        BOOST_TEST(std::string(wire::name_of(barrier.kind)) == "PING");
        raw.sends(raw::bytes_of({.kind = raw::frame_kind::pong, .body = barrier.body}));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shutdown_stages, stages_fixture)

BOOST_AUTO_TEST_CASE(a_server_that_nobody_uses_ends_at_once) {
    serve();
    const auto report = stop();
    BOOST_TEST((report.connections == 0U && report.drained == 0U && report.cancelled == 0U && report.closed == 0U));
    BOOST_TEST((report.took == 0ms));
}

BOOST_AUTO_TEST_CASE(idle_connections_close_at_once_and_their_clients_hear_why) {
    serve();
    std::vector<client> guests;
    for (int i = 0; i != 20; ++i) guests.push_back(join());
    const auto report = stop();
    BOOST_TEST((report.connections == 20U && report.closed == 0U && report.took == 0ms));
    for (auto& c : guests) {
        BOOST_TEST((run([&] { return c.closed(); }).code == errc::shutting_down));
        BOOST_TEST(!c.connected());
        BOOST_TEST(outcome(ask<std::string>(c, "echo", "x")) == "shutting_down");
    }
}

BOOST_AUTO_TEST_CASE(first_running_calls_may_finish) {
    serve();
    auto one = join();
    auto two = join();
    auto idle = join();
    auto quick = begin<int>(one, "sleep", 3000);
    auto slow = begin<int>(two, "sleep", 5000);
    settle();
    const auto report = stop();
    BOOST_TEST((report.connections == 3U && report.drained == 2U && report.cancelled == 0U && report.closed == 0U));
    BOOST_TEST((report.took == 5s));
    BOOST_TEST(value_of(run(quick)) == 3000);
    BOOST_TEST(value_of(run(slow)) == 5000);
}

BOOST_AUTO_TEST_CASE(then_what_still_runs_is_cancelled) {
    settings.drain_timeout = 4s;
    serve();
    auto c = join();
    auto quick = begin<int>(c, "sleep", 1000);
    auto slow = begin<int>(c, "sleep", 3'600'000);
    settle();
    const auto report = stop();
    BOOST_TEST((report.connections == 1U && report.drained == 1U && report.cancelled == 1U && report.closed == 0U));
    BOOST_TEST((report.took == 4s));
    BOOST_TEST(value_of(run(quick)) == 1000);
    const auto cancelled = run(slow);
    BOOST_TEST(outcome(cancelled) == "cancelled");
    BOOST_TEST(cancelled.error().started);
}

BOOST_AUTO_TEST_CASE(at_last_connections_are_closed_but_no_handler_outlives_run) {
    settings.drain_timeout = 4s;
    settings.cancel_timeout = 1s;
    serve();
    auto c = join();
    auto call = begin(c, "stubborn", 60'000);
    settle();
    begin_stop();
    pass(4s);
    pass(999ms);
    BOOST_TEST(!call.done());
    pass(1ms);
    BOOST_TEST(outcome(run(call)) == "connection_lost");
    BOOST_TEST((!life->done() && stubborn == 1));
    const auto report = ended();
    BOOST_TEST(stubborn == 0);
    BOOST_TEST((report.connections == 1U && report.drained == 0U && report.cancelled == 1U && report.closed == 1U));
    BOOST_TEST((report.took == 60s));
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_go_is_closed_on_in_the_end) {
    serve();
    auto raw = join_raw();
    raw.greets();
    const auto report = stop();
    BOOST_TEST((report.connections == 1U && report.closed == 1U && report.took == 12s));
}

BOOST_AUTO_TEST_CASE(stop_now_skips_the_drain) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 5000);
    settle();
    service->stop_now();
    const auto report = ended();
    BOOST_TEST((report.drained == 0U && report.cancelled == 1U && report.closed == 0U && report.took == 0ms));
    BOOST_TEST(outcome(run(call)) == "cancelled");
}

BOOST_AUTO_TEST_CASE(stop_now_cuts_a_drain_short) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 9000);
    settle();
    begin_stop();
    pass(1s);
    BOOST_TEST(!life->done());
    service->stop_now();
    const auto report = ended();
    BOOST_TEST((report.cancelled == 1U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "cancelled");
}

BOOST_AUTO_TEST_CASE(without_any_time_for_it_nothing_is_drained_nor_waited_for) {
    settings.drain_timeout = settings.cancel_timeout = 0ms;
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 5000);
    auto raw = join_raw();
    raw.greets();
    BOOST_TEST((stop().took == 0ms));
    const auto how = outcome(run(call));
    BOOST_TEST((how == "cancelled" || how == "connection_lost"), how);
}

BOOST_AUTO_TEST_CASE(a_drain_serves_what_runs_and_answers_new_calls_shutting_down) {
    serve();
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::request(1, "sleep", "5000"));
    begin_stop();
    raw.sends(raw::request(3, "echo", "crossed the GOAWAY"));
    expect_goaway(raw, 1);
    const auto refused = raw.expects_frame();
    wire::meta records;
    BOOST_TEST(wire::parse_meta(refused.meta, records));
    BOOST_TEST((refused.id == 3U && records.code == static_cast<std::uint16_t>(errc::shutting_down)));
    BOOST_TEST(records.facts == wire::fact_retryable);
    BOOST_TEST(stats().refused["shutting_down"] == 1U);
    raw.sends(raw::ping("still there?"));
    raw.expects_pong("still there?");
    pass(5s);
    raw.expects_reply(1, "5000");
    raw.expects_the_end();
    BOOST_TEST((ended().drained == 1U));
}

BOOST_AUTO_TEST_CASE(a_client_starts_no_call_in_a_drain_and_hears_the_answers_of_those_that_run) {
    settings.limits.max_calls = 2;
    serve();
    auto c = join();
    auto first = begin<int>(c, "sleep", 1000);
    auto second = begin<int>(c, "sleep", 2000);
    auto queued = begin<int>(c, "sleep", 0);
    settle();
    begin_stop();
    const auto unsent = run(queued);
    BOOST_TEST(outcome(unsent) == "shutting_down");
    BOOST_TEST((unsent.error().retryable && !unsent.error().started));
    BOOST_TEST(outcome(ask<int>(c, "sleep", 0)) == "shutting_down");
    const auto report = ended();
    BOOST_TEST((report.drained == 2U && report.took == 2s));
    BOOST_TEST(value_of(run(first)) == 1000);
    BOOST_TEST(value_of(run(second)) == 2000);
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::shutting_down));
}

BOOST_AUTO_TEST_CASE(who_comes_in_the_middle_of_a_drain_is_told_so) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 1000);
    auto unintroduced = join_raw();
    const auto address = service->addresses().front();
    settle();
    begin_stop();
    unintroduced.expects_the_end_because(errc::shutting_down);

    const auto in_memory = run([&] { return client::connect(*service, client_settings); });
    BOOST_TEST(outcome(in_memory) == "refused");
    BOOST_TEST(in_memory.error().retryable);
    BOOST_TEST(in_memory.error().detail.find("shutting down") != std::string::npos);
    const auto over_tcp = run([&] { return client::connect(address, client_settings); });
    BOOST_TEST(outcome(over_tcp) == "connect_failed");

    BOOST_TEST((ended().drained == 1U));
    BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_TEST(outcome(run([&] { return client::connect(*service, client_settings); })) == "connection_lost");
}

BOOST_AUTO_TEST_SUITE_END()
