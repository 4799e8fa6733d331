// How long an end waits for the other end.
#include "integration/service_fixture.hpp"

#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct keepalive_fixture : service_fixture {
    void serve() {
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        start();
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
    /// Advances time from alarm to alarm until the connections are gone; returns how long that took.
    duration time_to_live(duration most) {
        const auto begin = clock.now();
        while (stats().connections != 0 && clock.now() - begin < most && clock.advance_to_next()) settle();
        return clock.now() - begin;
    }
    std::uint64_t closed_for(const std::string& reason) { return stats().closed[reason]; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keepalive, keepalive_fixture)

BOOST_AUTO_TEST_CASE(a_silent_peer_is_lost_within_interval_times_misses_and_one) {
    settings.limits.ping_interval = 10s;
    settings.limits.missed_pings = 2;
    settings.limits.idle_timeout = 0s;
    serve();
    auto raw = join_raw();
    raw.greets();
    // The interval is shortened or lengthened by at most 15 %.
    const auto lived = time_to_live(1h);
    BOOST_TEST((lived >= 25'500ms && lived <= 34'500ms),
               std::chrono::duration_cast<std::chrono::milliseconds>(lived).count());
    BOOST_TEST(closed_for("ping_timeout") == 1U);
    BOOST_TEST(std::string(wire::name_of(raw.expects_frame().kind)) == "PING");
    BOOST_TEST(std::string(wire::name_of(raw.expects_frame().kind)) == "PING");
    raw.expects_the_end();
}

BOOST_AUTO_TEST_CASE(two_ends_that_answer_pings_stay_connected) {
    settings.limits.idle_timeout = client_settings.limits.idle_timeout = 0s;
    serve();
    auto c = join();
    for (int i = 0; i != 1000; ++i) pass(10s);
    BOOST_TEST(c.connected());
    const auto all = run([&] { return service->sessions(); });
    BOOST_TEST((all.at(0).bytes_in > 1000U && all.at(0).calls == 0U));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_client_notices_that_its_server_is_gone) {
    client_settings.limits.ping_interval = 10s;
    client_settings.call_timeout = 0s;
    auto [c, raw] = join_raw_server();
    auto call = begin(c, "any");
    settle();
    for (int i = 0; i != 25; ++i) pass(1s);
    BOOST_TEST(!call.done());
    // Three intervals, each at most 15 % longer, and each noticed by the next whole second.
    for (int i = 0; i != 13; ++i) pass(1s);
    BOOST_TEST(outcome(run(call)) == "ping_timeout");
    BOOST_TEST((run([&c = c] { return c.closed(); }).code == errc::ping_timeout));
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(any_byte_is_a_sign_of_life) {
    settings.limits.ping_interval = 10s;
    settings.limits.idle_timeout = 0s;
    serve();
    auto raw = join_raw();
    raw.greets();
    for (int i = 0; i != 100; ++i) {
        pass(5s);
        raw.sends(raw::ping());
        raw.expects_pong("");
    }
    raw.expects_nothing();
}

BOOST_AUTO_TEST_CASE(pings_can_be_turned_off) {
    settings.limits.ping_interval = 0s;
    settings.limits.idle_timeout = 0s;
    serve();
    auto raw = join_raw();
    raw.greets();
    for (int i = 0; i != 24; ++i) pass(1h);
    raw.expects_nothing();
}

BOOST_AUTO_TEST_CASE(a_line_that_carries_nothing_but_pings_is_idle) {
    settings.limits.idle_timeout = 60s;
    serve();
    auto c = join();
    BOOST_TEST((time_to_live(1h) == 60s));
    BOOST_TEST(closed_for("idle_timeout") == 1U);
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::idle_timeout));
}

BOOST_AUTO_TEST_CASE(a_line_with_a_running_call_is_not_idle_until_some_time_after_it) {
    settings.limits.idle_timeout = client_settings.limits.idle_timeout = 60s;
    serve();
    auto c = join();
    auto call = begin<int>(c, with_timeout(0ms), "sleep", 250'000);
    settle();  // otherwise it would begin only after the first second
    for (int i = 0; i != 250; ++i) pass(1s);
    BOOST_TEST(value_of(run(call)) == 250'000);
    BOOST_TEST(c.connected());
    BOOST_TEST((time_to_live(1h) == 60s));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_introduce_itself_is_left_without_a_word) {
    settings.limits.hello_timeout = 5s;
    serve();
    auto raw = join_raw();
    const auto hello = raw::hello();
    raw.sends(hello.substr(0, 10));
    pass(4s);
    raw.sends(hello.substr(10, 10));  // slow progress does not help
    pass(999ms);
    raw.expects_nothing();
    pass(1ms);
    raw.expects_the_end();
    settle();
    BOOST_TEST(closed_for("hello_timeout") == 1U);
}

BOOST_AUTO_TEST_CASE(a_client_does_not_wait_for_ever_for_the_server_s_hello) {
    auto [ours, theirs] = testing::memory_pipe();
    raw_peer mute(std::move(ours), turns());
    auto joining = spawn([&] { return client::connect(std::move(theirs), client_settings); });
    settle();
    pass(4999ms);
    BOOST_TEST(!joining.done());
    pass(1ms);
    BOOST_TEST(outcome(run(joining)) == "hello_timeout");
    mute.leaves();
}

BOOST_AUTO_TEST_CASE(who_waits_for_the_server_s_hello_may_give_up) {
    auto [ours, theirs] = testing::memory_pipe();
    raw_peer mute(std::move(ours), turns());
    auto joining = spawn([&] { return client::connect(std::move(theirs), client_settings); });
    settle();
    joining.cancel();
    BOOST_TEST(outcome(run(joining)) == "cancelled");
    mute.leaves();
}

BOOST_AUTO_TEST_CASE(a_frame_begun_must_be_completed_in_time) {
    settings.limits.frame_timeout = 10s;
    serve();
    auto raw = join_raw();
    raw.greets();
    const auto frame = raw::request(1, "echo", "slowly");
    raw.sends(frame.substr(0, 5));
    pass(5s);
    raw.sends(frame.substr(5, 5));
    pass(4999ms);
    raw.expects_nothing();
    pass(1ms);
    raw.expects_the_end_because(errc::frame_timeout);
    settle();
    BOOST_TEST(closed_for("frame_timeout") == 1U);
}

BOOST_AUTO_TEST_CASE(frames_completed_in_time_one_after_another_go_on_for_ever) {
    serve();
    auto raw = join_raw();
    raw.greets();
    const auto frame = raw::request(1, "echo", "slowly");
    for (int i = 0; i != 20; ++i) {
        raw.sends(frame.substr(i == 0 ? 0 : 5));
        raw.expects_reply(1, "slowly");
        raw.sends(frame.substr(0, 5));  // begins the next one
        pass(9s);
    }
    raw.sends(frame.substr(5));
    raw.expects_reply(1, "slowly");
}

BOOST_AUTO_TEST_CASE(a_large_frame_gets_the_time_that_a_slow_line_needs) {
    serve();
    auto raw = join_raw();
    raw.greets();
    const std::size_t size = 1024 * 1024;
    const auto frame = raw::request(1, "echo", std::string(size, 'x'));
    const auto per_second = frame.size() / 20;  // a little below 64 KiB: 16 s and 10 s more are granted
    for (std::size_t at = 0; at < frame.size(); at += per_second) {
        raw.sends(frame.substr(at, per_second));
        pass(1s);
    }
    raw.expects_reply(1, std::string(size, 'x'));

    raw.sends(frame.substr(0, per_second));
    for (int i = 0; i != 25; ++i) pass(1s);
    raw.expects_nothing();
    pass(1s);
    raw.expects_the_end_because(errc::frame_timeout);
}

BOOST_AUTO_TEST_SUITE_END()
