// A handler can be cancelled wherever it waits, without an effect on the next call.
#include "integration/service_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

constexpr auto step = 2ms;
constexpr int steps = 9;

asio::awaitable<void> two_steps(task_context& call) {
    co_await call.sleep_for(step);
    co_await call.sleep_for(step);
}

struct points_fixture : service_fixture {
    int living = 0;
    int reached = 0;

    struct passage {
        explicit passage(points_fixture& of) : fixture(of) { ++fixture.living; }
        passage(const passage&) = delete;
        passage& operator=(const passage&) = delete;
        ~passage() { --fixture.living; }
        points_fixture& fixture;
    };

    /// Nine waits of different kinds.
    asio::awaitable<std::string> walk(task_context& call) {
        const passage here(*this);
        reached = 0;
        co_await call.sleep_for(step);
        reached = 1;
        co_await two_steps(call);
        reached = 3;
        auto one = two_steps(call);
        auto other = two_steps(call);
        co_await (std::move(one) && std::move(other));
        reached = 5;
        auto quick = call.sleep_for(step);
        auto slow = two_steps(call);
        co_await (std::move(quick) || std::move(slow));
        reached = 6;
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        co_await call.sleep_for(step);
        reached = 7;
        auto child = asio::co_spawn(call.executor(), two_steps(call), asio::use_awaitable);
        co_await std::move(child);
        reached = 9;
        co_return "arrived";
    }

    void serve() {
        make().on("walk", [this](task_context& call) { return walk(call); });
        service->on("sleep", sleep_task);
        start();
    }
    void walk_for(int so_many_steps) {
        for (int i = 0; i != so_many_steps; ++i) {
            settle();
            clock.advance(step);
        }
        settle();
    }
    void check_nothing_left(const client& c) {
        settle();
        BOOST_TEST(living == 0);
        BOOST_TEST(stats().running_calls == 0U);
        BOOST_TEST(value_of(ask<int>(c, "sleep", 0)) == 0);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cancellation_points, points_fixture)

BOOST_AUTO_TEST_CASE(a_walk_that_nobody_cancels_arrives) {
    serve();
    auto c = join();
    auto call = begin<std::string>(c, "walk");
    walk_for(steps);
    BOOST_TEST(reached == steps);
    BOOST_TEST(value_of(run(call)) == "arrived");
    check_nothing_left(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_cancel_ends_the_handler_at_every_wait) {
    serve();
    auto c = join();
    for (int n = 0; n != steps; ++n) {
        BOOST_TEST_CONTEXT("cancelled at wait " << n) {
            auto call = begin<std::string>(c, "walk");
            walk_for(n);
            BOOST_TEST((living == 1 && reached <= n));
            call.cancel();
            BOOST_TEST(outcome(run(call)) == "cancelled");
            check_nothing_left(c);
        }
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_handler_at_every_wait) {
    serve();
    auto raw = join_raw();
    raw.greets();
    for (int n = 0; n != steps; ++n) {
        BOOST_TEST_CONTEXT("due at wait " << n) {
            const auto id = static_cast<std::uint32_t>(2 * n + 1);
            const auto due = static_cast<std::uint32_t>(2 * n + 1);  // between two steps
            raw.sends(raw::bytes_of(
                {.kind = raw::frame_kind::request, .id = id, .meta = raw::meta({.name = "walk", .deadline_ms = due})}));
            walk_for(n);
            BOOST_TEST(living == 1);
            raw.expects_nothing();
            clock.advance(1ms);
            raw.expects_error(id, errc::deadline_exceeded);
            BOOST_TEST(living == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_end_of_the_connection_ends_the_handler_at_every_wait) {
    serve();
    for (int n = 0; n != steps; ++n) {
        BOOST_TEST_CONTEXT("lost at wait " << n) {
            auto raw = join_raw();
            raw.greets();
            raw.sends(raw::request(1, "walk"));
            walk_for(n);
            BOOST_TEST(living == 1);
            raw.leaves();
            BOOST_TEST(living == 0);
            BOOST_TEST((stats().running_calls == 0U && stats().connections == 0U));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_handler_changes_of_its_cancellation_ends_with_it) {
    make().on("deaf", []() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    });
    service->on("mute", []() -> asio::awaitable<void> { co_await asio::this_coro::throw_if_cancelled(false); });
    service->on("walk", [this](task_context& call) { return walk(call); });
    service->on("sleep", sleep_task);
    start();
    auto c = join();
    for (const auto* before : {"deaf", "mute"}) {
        BOOST_TEST_CONTEXT(before) {
            BOOST_TEST(outcome(ask(c, before)) == "ok");
            auto call = begin<std::string>(c, "walk");
            walk_for(1);
            call.cancel();
            BOOST_TEST(outcome(run(call)) == "cancelled");
            check_nothing_left(c);
        }
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_hears_whether_throwing_is_on_as_it_would_by_itself) {
    bool throws_first = false;
    make().on("mute", [&]() -> asio::awaitable<void> {
        throws_first = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
    });
    start();
    auto c = join();
    for (int i = 0; i != 2; ++i) {
        BOOST_TEST(outcome(ask(c, "mute")) == "ok");
        BOOST_TEST(throws_first);
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_handler_that_was_cancelled_and_answers_all_the_same_is_heard) {
    make().on("partial", [](task_context& call) -> asio::awaitable<std::string> {
        std::string answer = "whole";
        try {
            co_await call.sleep_for(1h);
        } catch (const boost::system::system_error&) {
            answer = "half";
        }
        co_return answer;
    });
    start();
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::request(1, "partial"));
    raw.sends(raw::cancel(1));
    raw.expects_reply(1, "half");
    raw.sends(raw::request(3, "partial"));
    raw.expects_nothing();
    raw.sends(raw::cancel(3));
    raw.expects_reply(3, "half");
}

BOOST_AUTO_TEST_SUITE_END()
