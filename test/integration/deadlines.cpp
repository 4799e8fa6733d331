// Calls that take too long.
#include "integration/service_fixture.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using std::chrono::milliseconds;

namespace {

struct deadlines_fixture : service_fixture {
    int woken_early = 0;
    bool stubborn_saw_cancel = false;

    void serve() {
        make().on("sleep", [this](task_context& call, int time) -> asio::awaitable<int> {
            try {
                co_await call.sleep_for(milliseconds(time));
            } catch (const boost::system::system_error&) {
                woken_early += call.cancelled() ? 1 : 0;
                throw;
            }
            co_return time;
        });
        service->on("stubborn", [this](task_context& call, int time) -> asio::awaitable<int> {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await call.sleep_for(milliseconds(time));
            stubborn_saw_cancel = call.cancelled();
            co_return time;
        });
        service->on("remaining", [](task_context& call) {
            const auto left = call.remaining();
            return left ? std::chrono::duration_cast<milliseconds>(*left).count() : -1;
        });
        service->on("half", [](task_context& call) -> asio::awaitable<std::string> {
            try {
                co_await call.sleep_for(10s);
            } catch (const boost::system::system_error&) {
            }
            co_return "half of it";
        });
        service->on("echo", echo_task);
        start();
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
};

/// The deadline of the REQUEST in ms; -1 if it has none.
long deadline_of(const raw::frame& request) {
    wire::meta records;
    if (!wire::parse_meta(request.meta, records)) throw std::runtime_error("a meta that can't be read");
    return records.deadline_ms ? static_cast<long>(*records.deadline_ms) : -1;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deadlines, deadlines_fixture)

BOOST_AUTO_TEST_CASE(a_timeout_ends_the_call_and_cancels_its_handler_but_not_the_connection) {
    serve();
    auto c = join();
    auto other = begin<int>(c, "sleep", 200);
    auto call = begin<int>(c, with_timeout(100ms), "sleep", 10'000);
    settle();
    pass(99ms);
    BOOST_TEST((!call.done() && woken_early == 0));
    pass(1ms);
    const auto late = run(call);
    BOOST_TEST(outcome(late) == "deadline_exceeded");
    BOOST_TEST((late.error().started && !late.error().retryable));
    BOOST_TEST(woken_early == 1);
    BOOST_TEST(stats().running_calls == 1U);
    BOOST_TEST(c.connected());
    pass(100ms);
    BOOST_TEST(value_of(run(other)) == 200);
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_client_s_timeout_travels_as_the_call_s_deadline) {
    auto [c, raw] = join_raw_server();
    std::vector<spawned<result<void>>> calls;
    calls.push_back(begin(c, "default"));
    calls.push_back(begin(c, with_timeout(1500ms), "own"));
    calls.push_back(begin(c, with_timeout(0ms), "none"));
    settle();
    BOOST_TEST(deadline_of(raw.expects_frame()) == 30'000);
    BOOST_TEST(deadline_of(raw.expects_frame()) == 1500);
    BOOST_TEST(deadline_of(raw.expects_frame()) == -1);
    raw.leaves();
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "connection_lost");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_timed_out_call_sends_a_cancel_and_its_late_reply_is_ignored) {
    auto [c, raw] = join_raw_server();
    auto call = begin<std::string>(c, with_timeout(50ms), "slow");
    raw.expects_request(1, "slow", "");
    pass(50ms);
    BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    raw.expects_cancel(1);
    raw.sends(raw::response(1, "too late"));
    auto next = begin<std::string>(c, "next");
    raw.expects_request(3, "next", "");
    raw.sends(raw::response(3, "in time"));
    BOOST_TEST(value_of(run(next)) == "in time");
    raw.leaves();
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_abandoned_call_keeps_its_slot_until_it_is_answered) {
    auto [c, raw] = join_raw_server({.name = "narrow", .max_calls = 1});
    auto slow = begin<std::string>(c, with_timeout(50ms), "slow");
    auto queued = begin<std::string>(c, "queued");
    raw.expects_request(1, "slow", "");
    pass(50ms);
    BOOST_TEST(outcome(run(slow)) == "deadline_exceeded");
    raw.expects_cancel(1);
    raw.expects_nothing();
    raw.sends(raw::error(1, errc::cancelled));
    raw.expects_request(3, "queued", "");
    raw.sends(raw::response(3, "done"));
    BOOST_TEST(value_of(run(queued)) == "done");
    raw.leaves();
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_a_handler_answers_behind_its_deadline_is_not_the_answer) {
    serve();
    auto raw = join_raw();
    raw.greets();
    const auto meta = raw::meta({.name = "half", .deadline_ms = 100});
    raw.sends(raw::bytes_of({.kind = wire::frame_kind::request, .id = 1, .meta = meta}));
    pass(99ms);
    raw.expects_nothing();
    pass(1ms);
    raw.expects_error(1, errc::deadline_exceeded);
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_handler_that_ignores_its_cancellation_keeps_its_slot_until_it_ends) {
    settings.limits.max_calls = 1;
    serve();
    auto c = join();
    auto call = begin<int>(c, with_timeout(100ms), "stubborn", 1000);
    auto queued = begin<std::string>(c, "echo", "next");
    settle();
    pass(100ms);
    BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    BOOST_TEST((stats().running_calls == 1U && !queued.done()));
    pass(900ms);
    BOOST_TEST(stubborn_saw_cancel);
    BOOST_TEST(value_of(run(queued)) == "next");
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_server_cancels_and_answers_a_call_whose_deadline_has_passed) {
    serve();
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::bytes_of({.kind = raw::frame_kind::request,
                             .id = 1,
                             .meta = raw::meta({.name = "sleep", .deadline_ms = 50}),
                             .body = "1000"}));
    pass(49ms);
    raw.expects_nothing();
    pass(1ms);
    raw.expects_error(1, errc::deadline_exceeded);
    BOOST_TEST(woken_early == 1);
}

BOOST_AUTO_TEST_CASE(the_server_caps_deadlines_also_of_calls_that_name_none) {
    settings.max_deadline = 2s;
    serve();
    auto c = join();
    BOOST_TEST(value_of(ask<int>(c, with_timeout(0ms), "remaining")) == 2000);
    BOOST_TEST(value_of(ask<int>(c, with_timeout(10s), "remaining")) == 2000);
    BOOST_TEST(value_of(ask<int>(c, with_timeout(500ms), "remaining")) == 500);
    auto call = begin<int>(c, with_timeout(0ms), "sleep", 10'000);
    settle();
    pass(2s);
    const auto late = run(call);
    BOOST_TEST(outcome(late) == "deadline_exceeded");
    BOOST_TEST(late.error().started);
    BOOST_TEST(woken_early == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_timeout_that_is_no_more_than_over_ends_the_call_unsent) {
    serve();
    auto c = join();
    const auto late = ask<std::string>(c, with_timeout(-1ms), "echo", "x");
    BOOST_TEST(outcome(late) == "deadline_exceeded");
    BOOST_TEST(!late.error().started);
    BOOST_TEST(stats().calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_longest_timeout_there_is_is_none) {
    serve();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, with_timeout(milliseconds::max()), "echo", "x")) == "x");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_timeout_counts_from_the_call_however_busy_its_caller_was_before) {
    serve();
    auto c = join();
    const auto second = run([&]() -> asio::awaitable<result<std::string>> {
        auto first = co_await c.call<std::string>("echo", "first");
        clock.advance(5s);  // a long computation, say
        auto next = co_await c.call<std::string>(with_timeout(1s), "echo", "second");
        co_return first ? next : first;
    });
    BOOST_TEST(outcome(second) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(as_many_calls_as_there_may_be_time_out_together_and_the_connection_stays) {
    serve();
    auto c = join();
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 1024; ++i) calls.push_back(begin<int>(c, with_timeout(100ms), "sleep", 10'000));
    settle();
    BOOST_TEST(stats().running_calls == 1024U);
    pass(100ms);
    for (auto& call : calls) {
        if (const auto late = run(call); outcome(late) != "deadline_exceeded") BOOST_ERROR(outcome(late));
    }
    BOOST_TEST(woken_early == 1024);
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "still here")) == "still here");
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
