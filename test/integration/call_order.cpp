// Many calls on one connection: which of them wait for others.
#include "integration/service_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct order_fixture : service_fixture {
    void serve() {
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        service->on("quick", [](int n) -> asio::awaitable<int> { co_return n; });
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(call_order, order_fixture)

BOOST_AUTO_TEST_CASE(a_slow_task_does_not_hold_up_the_next_call) {
    serve();
    auto c = join();
    auto slow = begin<int>(c, "sleep", 1000);
    settle();
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "quick")) == "quick");
    BOOST_TEST(value_of(ask<int>(c, "quick", 5)) == 5);
    BOOST_TEST(!slow.done());
    clock.advance(1s);
    BOOST_TEST(value_of(run(slow)) == 1000);
    leave(c);
}

BOOST_AUTO_TEST_CASE(replies_come_in_the_order_in_which_they_are_ready) {
    serve();
    auto c = join();
    std::vector<int> order;
    std::vector<spawned<void>> calls;
    for (const int time : {300, 100, 200, 0}) {
        calls.push_back(spawn([&order, &c, time]() -> asio::awaitable<void> {
            auto slept = co_await c.call<int>("sleep", time);
            order.push_back(slept.value_or(-1));
        }));
    }
    for (auto& call : calls) run_in_virtual_time(call);
    const std::vector<int> sorted{0, 100, 200, 300};
    BOOST_TEST(order == sorted, boost::test_tools::per_element());
    leave(c);
}

// They arrive in one batch, which one coroutine of the connection serves as long as none suspends.
BOOST_AUTO_TEST_CASE(coroutine_tasks_of_every_kind_take_turns_in_one_batch) {
    make().on("quick", [](int n) -> asio::awaitable<int> { co_return n; });
    service->on("text", [](std::string_view text) -> asio::awaitable<std::string> { co_return std::string(text); });
    service->on("throw", [](int) -> asio::awaitable<int> {
        throw std::runtime_error("on purpose");
        co_return 0;
    });
    service->on("sleep", sleep_task);
    service->on("deafen", [](int n) -> asio::awaitable<int> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_return n;
    });
    start();
    auto c = join();
    std::vector<spawned<result<int>>> numbers;
    std::vector<spawned<result<std::string>>> texts;
    for (const char* task : {"quick", "quick", "throw", "quick", "deafen", "deafen", "sleep", "quick", "deafen"}) {
        numbers.push_back(begin<int>(c, task, static_cast<int>(numbers.size())));
        texts.push_back(begin<std::string>(c, "text", std::to_string(numbers.size())));
    }
    auto slow = begin<int>(c, with_timeout(1s), "sleep", 5000);
    settle();
    clock.advance(2s);
    std::string outcomes;
    for (auto& call : numbers) {
        const auto reply = run(call);
        outcomes += reply ? std::to_string(*reply) : std::string(1, '-');
    }
    BOOST_TEST(outcomes == "01-345678");
    for (std::size_t i = 0; i != texts.size(); ++i) BOOST_TEST(value_of(run(texts[i])) == std::to_string(i + 1));
    BOOST_TEST(outcome(run(slow)) == "deadline_exceeded");
    settle();
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_thousand_calls_in_flight_each_get_their_own_answer) {
    serve();
    auto c = join();
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 1000; ++i) calls.push_back(begin<int>(c, "sleep", i));
    settle();
    BOOST_TEST(stats().running_calls == 999U);  // the one that slept for 0 ms has ended
    clock.advance(1s);
    settle();
    int right = 0;
    for (int i = 0; i != 1000; ++i) right += run(calls[static_cast<std::size_t>(i)]) == i ? 1 : 0;
    BOOST_TEST(right == 1000);
    leave(c);
}

BOOST_AUTO_TEST_CASE(ten_thousand_calls_one_after_another_do_not_grow_the_stack) {
    serve();
    auto c = join();
    run([&]() -> asio::awaitable<void> {
        for (int i = 0; i != 10'000; ++i) {
            auto reply = co_await c.call<int>("quick", i);
            if (!reply || *reply != i) throw std::runtime_error("a wrong answer");
        }
    });
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_that_suspends_amid_a_batch_of_frames_is_answered_last) {
    serve();
    auto peer = join_raw();
    peer.greets();
    std::string batch;
    for (std::uint32_t id = 1; id != 21; id += 2) batch += raw::request(id, id == 5 ? "sleep" : "quick", "7");
    peer.sends(batch);
    for (const std::uint32_t id : {1U, 3U, 7U, 9U, 11U, 13U, 15U, 17U, 19U}) peer.expects_reply(id, "7");
    peer.expects_nothing();
    clock.advance(7ms);
    peer.expects_reply(5, "7");
}

BOOST_AUTO_TEST_CASE(the_hello_tells_max_calls) {
    settings.limits.max_calls = 17;
    serve();
    BOOST_TEST(join_raw().greets().max_calls == 17U);
}

BOOST_AUTO_TEST_CASE(the_client_queues_what_exceeds_max_calls) {
    settings.limits.max_calls = 2;
    serve();
    auto c = join();
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 7; ++i) calls.push_back(begin<int>(c, "sleep", 1000));
    settle();
    const auto ended = [&] { return std::ranges::count_if(calls, [](const auto& call) { return call.done(); }); };
    for (const int after : {2, 4, 6, 7}) {
        BOOST_TEST(stats().running_calls == std::min<std::size_t>(2, 7 - static_cast<std::size_t>(ended())));
        clock.advance(1s);
        settle();
        BOOST_TEST(ended() == after);
    }
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "ok");
    BOOST_TEST(stats().refused.empty());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_in_the_queue_for_too_long_was_not_started) {
    settings.limits.max_calls = 1;
    serve();
    auto c = join();
    auto first = begin<int>(c, "sleep", 5000);
    auto second = begin<int>(c, with_timeout(1s), "sleep", 10);
    auto third = begin<std::string>(c, "echo", "third");
    settle();
    clock.advance(1s);
    const auto expired = run(second);
    BOOST_TEST(outcome(expired) == "deadline_exceeded");
    BOOST_TEST(!expired.error().started);
    clock.advance(4s);
    BOOST_TEST(value_of(run(first)) == 5000);
    BOOST_TEST(value_of(run(third)) == "third");
    BOOST_TEST(stats().calls == 2U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_peer_that_ignores_max_calls_is_answered_overloaded_and_goes_on) {
    settings.limits.max_calls = 2;
    serve();
    auto peer = join_raw();
    peer.greets();
    for (const std::uint32_t id : {1U, 3U, 5U}) peer.sends(raw::request(id, "sleep", "50"));
    peer.expects_error(5, errc::overloaded);
    clock.advance(50ms);
    peer.expects_reply(1, "50");
    peer.expects_reply(3, "50");
    peer.sends(raw::request(7, "quick", "1"));
    peer.expects_reply(7, "1");
    BOOST_TEST(stats().refused["overloaded"] == 1U);
}

BOOST_AUTO_TEST_CASE(running_calls_are_bounded_over_all_connections) {
    settings.max_running_calls = 3;
    serve();
    auto one = join();
    auto two = join();
    std::vector<spawned<result<int>>> calls;
    for (int i = 0; i != 2; ++i) calls.push_back(begin<int>(one, "sleep", 100));
    for (int i = 0; i != 2; ++i) calls.push_back(begin<int>(two, "sleep", 100));
    settle();
    const auto refused = run(calls.back());
    BOOST_TEST(outcome(refused) == "overloaded");
    BOOST_TEST(refused.error().retryable);
    BOOST_TEST(!refused.error().started);
    clock.advance(100ms);
    settle();
    for (int i = 0; i != 3; ++i) BOOST_TEST(outcome(run(calls[static_cast<std::size_t>(i)])) == "ok");
    BOOST_TEST(value_of(ask<int>(two, "quick", 1)) == 1);
    leave(one);
    leave(two);
}

BOOST_AUTO_TEST_SUITE_END()
