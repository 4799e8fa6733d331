#include "support/io_fixture.hpp"

#include <echosocket/clock.hpp>

#include <boost/asio/this_coro.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;

BOOST_FIXTURE_TEST_SUITE(manual_clock, io_fixture)

BOOST_AUTO_TEST_CASE(time_stands_still_until_it_is_moved) {
    const auto start = clock.now();
    BOOST_TEST((clock.now() == start));
    clock.advance(3s);
    BOOST_TEST((clock.now() == start + 3s));
}

BOOST_AUTO_TEST_CASE(alarms_go_off_in_the_order_of_their_times) {
    std::string order;
    auto late = clock.make_alarm(io.get_executor());
    auto early = clock.make_alarm(io.get_executor());
    auto as_late = clock.make_alarm(io.get_executor());
    late->set(clock.now() + 2s, [&] { order += 'b'; });
    early->set(clock.now() + 1s, [&] { order += 'a'; });
    as_late->set(clock.now() + 2s, [&] { order += 'c'; });
    BOOST_TEST(clock.alarms() == 3U);
    clock.advance(5s);
    BOOST_TEST(order.empty());
    settle();
    BOOST_TEST(order == "abc");
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(an_alarm_does_not_go_off_before_its_time) {
    bool rang = false;
    auto timer = clock.make_alarm(io.get_executor());
    timer->set(clock.now() + 1s, [&] { rang = true; });
    clock.advance(1s - 1ns);
    settle();
    BOOST_TEST(!rang);
    clock.advance(1ns);
    settle();
    BOOST_TEST(rang);
}

BOOST_AUTO_TEST_CASE(an_alarm_in_the_past_goes_off_without_moving_time) {
    bool rang = false;
    auto timer = clock.make_alarm(io.get_executor());
    timer->set(clock.now(), [&] { rang = true; });
    BOOST_TEST(!rang);
    settle();
    BOOST_TEST(rang);
}

BOOST_AUTO_TEST_CASE(time_can_jump_to_the_next_alarm) {
    const auto start = clock.now();
    auto timer = clock.make_alarm(io.get_executor());
    bool rang = false;
    timer->set(start + 90s, [&] { rang = true; });
    BOOST_TEST(clock.advance_to_next());
    BOOST_TEST((clock.now() == start + 90s));
    BOOST_TEST(!clock.advance_to_next());
    settle();
    BOOST_TEST(rang);
}

BOOST_AUTO_TEST_CASE(a_cancelled_alarm_is_silent_even_when_its_time_had_come) {
    auto timer = clock.make_alarm(io.get_executor());
    timer->set(clock.now() + 1s, [] { BOOST_ERROR("cancelled before it ran"); });
    clock.advance(1s);
    timer->cancel();
    settle();
    timer->set(clock.now() + 1s, [] { BOOST_ERROR("destroyed before it ran"); });
    clock.advance(1s);
    timer.reset();
    settle();
}

BOOST_AUTO_TEST_CASE(setting_an_alarm_anew_replaces_what_was_set) {
    auto timer = clock.make_alarm(io.get_executor());
    int rang = 0;
    timer->set(clock.now() + 1s, [] { BOOST_ERROR("replaced before its time"); });
    timer->set(clock.now() + 2s, [&] { ++rang; });
    BOOST_TEST(clock.alarms() == 1U);
    clock.advance(2s);
    timer->set(clock.now() + 1s, [&] { rang += 10; });
    settle();
    BOOST_TEST(rang == 0);
    clock.advance(1s);
    settle();
    BOOST_TEST(rang == 10);
}

BOOST_AUTO_TEST_CASE(an_alarm_can_be_set_again_by_its_own_callback) {
    auto timer = clock.make_alarm(io.get_executor());
    int rang = 0;
    std::function<void()> ring = [&] {
        if (++rang < 3) timer->set(clock.now() + 1s, ring);
    };
    timer->set(clock.now() + 1s, ring);
    while (clock.advance_to_next()) settle();
    BOOST_TEST(rang == 3);
}

BOOST_AUTO_TEST_CASE(a_callback_may_destroy_its_alarm) {
    auto timer = clock.make_alarm(io.get_executor());
    timer->set(clock.now(), [&] { timer.reset(); });
    settle();
    BOOST_TEST(!timer);
}

BOOST_AUTO_TEST_CASE(a_sleep_ends_when_its_time_has_come) {
    auto sleep = spawn([&] { return sleep_for(clock, 10s); });
    settle();
    clock.advance(10s - 1ns);
    settle();
    BOOST_TEST(!sleep.done());
    clock.advance(1ns);
    settle();
    BOOST_TEST(sleep.done());
}

BOOST_AUTO_TEST_CASE(a_cancelled_sleep_ends_at_once_and_leaves_no_alarm) {
    auto sleep = spawn([&] { return sleep_for(clock, 10s); });
    settle();
    BOOST_TEST(clock.alarms() == 1U);
    sleep.cancel();
    settle();
    BOOST_TEST(sleep.done());
    BOOST_TEST(clock.alarms() == 0U);
    BOOST_CHECK_EXCEPTION(sleep.get(), boost::system::system_error,
                          [](const auto& error) { return error.code() == asio::error::operation_aborted; });
}

BOOST_AUTO_TEST_CASE(alarms_on_several_threads_all_go_off_once) {
    constexpr int sleepers = 200;
    std::atomic<int> woken = 0;
    for (int i = 0; i != sleepers; ++i) {
        spawn([this, &woken, i]() -> asio::awaitable<void> {
            for (int round = 0; round != 5; ++round) co_await sleep_for(clock, std::chrono::milliseconds(i % 7 + 1));
            ++woken;
        });
    }
    std::jthread time([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) clock.advance(1ms);
    });
    run_on_threads(2);
    BOOST_TEST(woken == sleepers);
}

BOOST_AUTO_TEST_SUITE_END()
