#include "support/io_fixture.hpp"

#include <echosocket/clock.hpp>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct steady_fixture : io_fixture {
    echosocket::clock& real = echosocket::steady_clock();
    std::unique_ptr<echosocket::alarm> timer = real.make_alarm(io.get_executor());
    int rang = 0;

    void drain() {
        io.restart();
        io.run_for(patience);
    }
};

}  // namespace

// Uses real time: a few milliseconds, or an hour that is never waited for.
BOOST_FIXTURE_TEST_SUITE(steady_clock, steady_fixture)

BOOST_AUTO_TEST_CASE(an_alarm_goes_off_not_before_its_time) {
    const auto due = real.now() + 2ms;
    timer->set(due, [&] { rang += real.now() >= due ? 1 : 100; });
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(an_alarm_in_the_past_goes_off_but_not_inside_the_call) {
    timer->set(real.now() - 1h, [&] { ++rang; });
    BOOST_TEST(rang == 0);
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(an_alarm_moved_ahead_goes_off_at_the_later_time_only) {
    const auto due = real.now() + 4ms;
    timer->set(real.now() + 1ms, [&] { rang += 100; });
    timer->set(due, [&] { rang += real.now() >= due ? 1 : 100; });
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(an_alarm_moved_back_goes_off_at_the_earlier_time) {
    timer->set(real.now() + 1h, [&] { rang += 100; });
    timer->set(real.now() + 1ms, [&] { ++rang; });
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(a_cancelled_alarm_leaves_no_work_behind) {
    timer->set(real.now() + 1h, [&] { ++rang; });
    timer->cancel();
    settle();
    BOOST_TEST(io.stopped());
    BOOST_TEST(rang == 0);
}

BOOST_AUTO_TEST_CASE(a_callback_whose_completion_is_queued_does_not_run_after_cancel) {
    auto other = real.make_alarm(io.get_executor());
    const auto due = real.now() - 1ms;
    // Both completions are queued by the same pass over the timers; the first to run cancels the other.
    timer->set(due, [&] { ++rang, other->cancel(); });
    other->set(due, [&] { ++rang, timer->cancel(); });
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(a_callback_whose_completion_is_queued_does_not_run_after_destruction) {
    auto other = real.make_alarm(io.get_executor());
    const auto due = real.now() - 1ms;
    timer->set(due, [&] { ++rang, other.reset(); });
    other->set(due, [&] { ++rang, timer.reset(); });
    drain();
    BOOST_TEST(rang == 1);
}

BOOST_AUTO_TEST_CASE(an_alarm_can_be_set_again_by_its_own_callback) {
    std::function<void()> ring = [&] {
        if (++rang < 3) timer->set(real.now(), ring);
    };
    timer->set(real.now(), ring);
    drain();
    BOOST_TEST(rang == 3);
}

BOOST_AUTO_TEST_CASE(a_sleep_takes_at_least_its_time) {
    const auto start = real.now();
    run([&] { return sleep_for(real, 2ms); });
    BOOST_TEST((real.now() - start >= 2ms));
}

BOOST_AUTO_TEST_CASE(a_cancelled_sleep_ends_at_once) {
    auto sleep = spawn([&] { return sleep_for(real, 1h); });
    settle();
    sleep.cancel();
    settle();
    BOOST_TEST(sleep.done());
    BOOST_CHECK_EXCEPTION(sleep.get(), boost::system::system_error,
                          [](const auto& error) { return error.code() == asio::error::operation_aborted; });
    BOOST_TEST(io.stopped());
}

BOOST_AUTO_TEST_SUITE_END()
