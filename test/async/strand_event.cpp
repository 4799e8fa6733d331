#include "async/strand_event.hpp"

#include "support/io_fixture.hpp"

#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

bool is_aborted(const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
}

struct strand_event_fixture : io_fixture {
    net::strand_event point;
    int resumed = 0;

    spawned<void> start_waiting(int rounds) {
        auto coroutine = spawn_on(io.get_executor(), [this, rounds]() -> asio::awaitable<void> {
            for (int i = 0; i != rounds; ++i) {
                co_await point.wait();
                ++resumed;
            }
        });
        settle();
        return coroutine;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(strand_event, strand_event_fixture)

BOOST_AUTO_TEST_CASE(notify_resumes_inside_the_call) {
    auto coroutine = start_waiting(1);
    BOOST_TEST(point.waiting());
    point.notify();
    BOOST_TEST(resumed == 1);
    BOOST_TEST(!point.waiting());
    settle();
    BOOST_TEST(coroutine.done());
}

BOOST_AUTO_TEST_CASE(the_coroutine_may_wait_again_before_notify_returns) {
    auto coroutine = start_waiting(3);
    for (int i = 1; i <= 3; ++i) {
        BOOST_TEST(point.waiting());
        point.notify();
        BOOST_TEST(resumed == i);
    }
    settle();
    BOOST_TEST(coroutine.done());
}

BOOST_AUTO_TEST_CASE(a_notification_that_comes_first_is_remembered_once) {
    point.notify();
    point.notify();
    auto coroutine = start_waiting(2);
    BOOST_TEST(resumed == 1);
    BOOST_TEST(point.waiting());
    point.notify();
    settle();
    BOOST_TEST(coroutine.done());
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_notifies_itself_does_not_eat_the_stack) {
    run([this]() -> asio::awaitable<void> {
        for (int i = 0; i != 200'000; ++i) {
            point.notify();
            co_await point.wait();
            ++resumed;
        }
    });
    BOOST_TEST(resumed == 200'000);
}

BOOST_AUTO_TEST_CASE(cancelling_throws_but_not_inside_the_emission) {
    bool thrown = false;
    auto coroutine = spawn_on(io.get_executor(), [&]() -> asio::awaitable<void> {
        try {
            co_await point.wait();
        } catch (const boost::system::system_error& error) {
            thrown = is_aborted(error);
        }
    });
    settle();
    asio::post(io, [&] {
        coroutine.cancel();
        BOOST_TEST(!thrown);
        BOOST_TEST(!point.waiting());
    });
    settle();
    BOOST_TEST(thrown);
}

BOOST_AUTO_TEST_CASE(a_notification_after_a_cancellation_is_for_the_next_wait) {
    auto cancelled = start_waiting(1);
    asio::post(io, [&] {
        cancelled.cancel();
        point.notify();
    });
    settle();
    BOOST_CHECK_EXCEPTION(cancelled.get(), boost::system::system_error, is_aborted);
    auto next = start_waiting(1);
    BOOST_TEST(next.done());
}

BOOST_AUTO_TEST_CASE(a_cancellation_after_the_notification_comes_too_late) {
    auto coroutine = start_waiting(1);
    asio::post(io, [&] {
        point.notify();
        coroutine.cancel();
    });
    settle();
    BOOST_TEST(resumed == 1);
    BOOST_CHECK_NO_THROW(coroutine.get());
}

BOOST_AUTO_TEST_CASE(two_coroutines_hand_over_to_each_other) {
    net::strand_event ping;
    net::strand_event pong;
    std::string order;
    auto second = spawn([&]() -> asio::awaitable<void> {
        for (int i = 0; i != 3; ++i) {
            co_await ping.wait();
            order += 'b';
            pong.notify();
        }
    });
    auto first = spawn([&]() -> asio::awaitable<void> {
        for (int i = 0; i != 3; ++i) {
            order += 'a';
            ping.notify();
            co_await pong.wait();
        }
    });
    settle();
    BOOST_TEST(first.done());
    BOOST_TEST(second.done());
    BOOST_TEST(order == "ababab");
}

BOOST_AUTO_TEST_SUITE_END()
