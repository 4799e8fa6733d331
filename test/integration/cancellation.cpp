// Calls that are cancelled by their callers.
#include "integration/service_fixture.hpp"
#include "support/alive.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

asio::awaitable<void> nap(task_context& call, int& living) {
    const alive here(living);
    co_await call.sleep_for(1h);
}

asio::awaitable<std::string> call_or_give_up(client c, echosocket::clock& time, duration patience_of_caller) {
    auto call = c.call("nested");
    auto limit = sleep_for(time, patience_of_caller);
    const auto first = co_await (std::move(call) || std::move(limit));
    co_return first.index() == 0 ? "answered" : "given up";
}

struct cancellation_fixture : service_fixture {
    int living = 0;
    std::string seen;

    void serve() {
        make().on("sleep", [this](task_context& call, int time) -> asio::awaitable<int> {
            const alive here(living);
            co_await call.sleep_for(std::chrono::milliseconds(time));
            co_return time;
        });
        service->on("nested", [this](task_context& call) -> asio::awaitable<void> {
            const alive here(living);
            auto one = nap(call, living);
            auto two = nap(call, living);
            co_await (std::move(one) && std::move(two));
        });
        service->on("swallow", [this](task_context& call, std::string_view) { return nap(call, living); });
        service->on("echo", echo_task);
        start();
    }
    void check_goes_on(const client& c) {
        settle();
        BOOST_TEST(living == 0);
        BOOST_TEST(stats().running_calls == 0U);
        BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cancellation, cancellation_fixture)

BOOST_AUTO_TEST_CASE(a_call_that_loses_against_another_wait_cancels_its_handler_and_all_it_waits_for) {
    serve();
    auto c = join();
    auto caller = spawn([&] { return call_or_give_up(c, clock, 100ms); });
    settle();
    BOOST_TEST(living == 3);
    clock.advance(100ms);
    BOOST_TEST(run(caller) == "given up");
    check_goes_on(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_cancellation_slot_bound_to_the_caller_cancels_the_handler) {
    serve();
    auto c = join();
    for (const auto type :
         {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        asio::cancellation_signal signal;
        std::optional<result<int>> reply;
        auto caller = [](client by) -> asio::awaitable<result<int>> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            auto slept = co_await by.call<int>("sleep", 10'000);
            co_return slept;
        };
        asio::co_spawn(io, caller(c),
                       asio::bind_cancellation_slot(
                           signal.slot(), [&](std::exception_ptr, result<int> slept) { reply = std::move(slept); }));
        settle();
        BOOST_TEST(living == 1);
        asio::post(io, [&] { signal.emit(type); });
        settle();
        BOOST_TEST(reply.has_value());
        BOOST_TEST(outcome(reply.value()) == "cancelled");
        BOOST_TEST((reply->error().started && !reply->error().retryable));
        check_goes_on(c);
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_lost_connection_cancels_its_handlers_and_no_other_s) {
    serve();
    auto c = join();
    auto other = begin<int>(c, "sleep", 1000);
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::request(1, "nested"));
    raw.sends(raw::request(3, "sleep", "5000"));
    BOOST_TEST(living == 5);
    raw.leaves();
    BOOST_TEST(living == 1);
    BOOST_TEST((stats().running_calls == 1U && stats().connections == 1U));
    clock.advance(1s);
    BOOST_TEST(value_of(run(other)) == 1000);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_cancels_what_it_has_running) {
    serve();
    auto c = join();
    auto call = begin(c, "nested");
    settle();
    BOOST_TEST(living == 3);
    leave(c);
    settle();
    BOOST_TEST(living == 0);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
}

BOOST_AUTO_TEST_CASE(a_queued_call_that_is_cancelled_is_never_sent) {
    settings.limits.max_calls = 1;
    serve();
    auto c = join();
    auto first = begin<int>(c, "sleep", 1000);
    auto queued = begin<int>(c, "sleep", 1000);
    settle();
    queued.cancel();
    const auto cancelled = run(queued);
    BOOST_TEST(outcome(cancelled) == "cancelled");
    BOOST_TEST(!cancelled.error().started);
    clock.advance(1s);
    BOOST_TEST(outcome(run(first)) == "ok");
    BOOST_TEST(stats().calls == 1U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_large_call_cancelled_before_it_is_out_does_not_run) {
    serve();
    auto [ours, theirs] = testing::memory_pipe({}, {.capacity = 1024});
    auto c = value_of(run([&] {
        service->attach(std::move(theirs));
        return client::connect(std::move(ours), client_settings);
    }));
    // Four are being sent when all are cancelled; the others have not begun to be sent.
    const std::string large(4 * 1024 * 1024, 'l');
    std::vector<spawned<result<void>>> calls;
    for (int i = 0; i != 6; ++i) calls.push_back(begin(c, with_timeout(0ms), "swallow", large));
    run_until([&] { return stats().bytes_in > 100'000U; });
    for (auto& call : calls) call.cancel();
    for (auto& call : calls) BOOST_TEST(outcome(run(call)) == "cancelled");
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    settle();
    BOOST_TEST(living == 0);
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_cancel_for_a_call_that_has_ended_or_never_was_is_ignored) {
    serve();
    auto raw = join_raw();
    raw.greets();
    raw.sends(raw::cancel(99));
    raw.sends(raw::request(1, "echo", "one"));
    raw.expects_reply(1, "one");
    raw.sends(raw::cancel(1));
    raw.sends(raw::request(3, "sleep", "100") + raw::cancel(3) + raw::cancel(3));
    raw.expects_error(3, errc::cancelled);
    raw.expects_nothing();
    raw.sends(raw::request(1, "echo", "again"));
    raw.expects_reply(1, "again");
}

BOOST_AUTO_TEST_CASE(a_cancelled_handler_that_calls_elsewhere_cancels_there_too) {
    serve();
    auto behind = join();
    server front(io.get_executor(), {.clock = &clock});
    front.on("forward", [&behind](int time) -> asio::awaitable<result<int>> {
        auto slept = co_await behind.call<int>("sleep", time);
        co_return slept;
    });
    auto front_life = spawn([&] { return front.run(); });
    auto c = value_of(run([&] { return client::connect(front, client_settings); }));
    auto call = begin<int>(c, "forward", 10'000);
    settle();
    BOOST_TEST(living == 1);
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    check_goes_on(behind);
    leave(c);
    leave(behind);
    front.stop();
    BOOST_TEST(outcome(run(front_life)) == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
