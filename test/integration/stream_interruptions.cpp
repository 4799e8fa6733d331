// Streams that are interrupted: cancelled, dropped, out of time, without a connection, at a shutdown.
#include "integration/stream_tasks.hpp"
#include "support/alive.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

struct interruptions_fixture : stream_fixture {
    int living = 0;
    std::string seen;  ///< The result of a handler's last step.

    void serve() {
        settings.limits.stream_credit = client_settings.limits.stream_credit = small_window;
        make().on("fill", [this](sink<std::string>& out) -> asio::awaitable<void> {
            const alive here(living);
            std::size_t sent = 0;
            auto done = co_await send_copies(out, portion, SIZE_MAX, sent);
            seen = outcome(done);
        });
        service->on("read", [this](source<int>& in) -> asio::awaitable<int> {
            const alive here(living);
            auto all = co_await read_all(in);
            seen = outcome(all);
            co_return 0;
        });
        // A part of the task that cancelling the handler does not reach.
        service->on("aside", [this](source<int>& in) -> asio::awaitable<void> {
            auto elsewhere = asio::make_strand(io);
            auto reading = asio::co_spawn(elsewhere, read_aside(in), asio::deferred);
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await std::move(reading);
        });
        service->on("nap", [this](task_context& ctx, source<int>&, sink<int>&) -> asio::awaitable<void> {
            const alive here(living);
            co_await ctx.sleep_for(2s);
        });
        service->on("double", double_task);
        service->on("echo", echo_task);
        start();
    }
    asio::awaitable<void> read_aside(source<int> in) {
        const alive here(living);
        auto all = co_await read_all(in);
        seen = outcome(all);
    }
    void check_goes_on(const client& c) {
        settle();
        BOOST_TEST(living == 0);
        BOOST_TEST(stats().running_calls == 0U);
        BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stream_interruptions, interruptions_fixture)

BOOST_AUTO_TEST_CASE(a_caller_that_cancels_wakes_a_task_that_waits_for_room) {
    serve();
    auto c = join();
    auto call = c.open<void, void, std::string>("fill");
    settle();
    BOOST_TEST(living == 1);
    call.cancel();
    check_goes_on(c);
    BOOST_TEST(seen == "cancelled");
    BOOST_TEST(outcome(reply_of(call)) == "cancelled");
    BOOST_TEST(outcome(read(call.in())) == "cancelled");  // after the items that had come
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_caller_that_cancels_wakes_a_task_that_waits_for_an_item_and_its_own_sender) {
    serve();
    auto c = join();
    for (const char* task : {"read", "aside"}) {
        seen.clear();
        auto call = c.open<void, int, void>(task);
        settle();
        BOOST_TEST(living == 1);
        call.cancel();
        check_goes_on(c);
        BOOST_TEST(seen == "cancelled", task << " saw " << seen);
        BOOST_TEST(outcome(send(call.out(), {1})) == "cancelled");
        BOOST_TEST(outcome(reply_of(call)) == "cancelled");
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(dropping_a_call_or_giving_up_its_reply_cancels_it) {
    serve();
    auto c = join();
    {
        auto dropped = c.open<void, void, std::string>("fill");
        settle();
        BOOST_TEST(living == 1);
    }
    check_goes_on(c);
    auto call = c.open<void, int, int>("nap");
    auto giving_up = spawn([&]() -> asio::awaitable<bool> {
        auto reply = call.reply();
        auto limit = sleep_for(clock, 1s);
        const auto first = co_await (std::move(reply) || std::move(limit));
        co_return first.index() == 1;
    });
    settle();
    BOOST_TEST(living == 1);
    clock.advance(1s);
    BOOST_TEST(run(giving_up));
    check_goes_on(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_step_that_is_given_up_loses_no_item_and_leaves_the_stream_as_it_was) {
    serve();
    auto c = join();
    auto call = c.open<void, int, int>("double");
    auto impatient = [](source<int> in, echosocket::clock& time) -> asio::awaitable<bool> {
        auto item = in.next();
        auto limit = sleep_for(time, 1s);
        const auto first = co_await (std::move(item) || std::move(limit));
        co_return first.index() == 0;
    };
    auto waiting = spawn([&] { return impatient(call.in(), clock); });
    settle();
    clock.advance(1s);
    BOOST_TEST(!run(waiting));
    BOOST_TEST(outcome(send(call.out(), {21})) == "ok");
    BOOST_TEST(value_of(read_one(call.in())).value() == 42);

    auto full = c.open<void, int, int>("nap");
    std::size_t sent = 0;
    auto sending = spawn([&]() -> asio::awaitable<bool> {
        auto items = send_all(full.out(), std::vector<int>(1000, 1), sent);
        auto limit = sleep_for(clock, 1s);
        const auto first = co_await (std::move(items) || std::move(limit));
        co_return first.index() == 1;
    });
    settle();
    const auto before = sent;
    clock.advance(1s);
    BOOST_TEST(run(sending));
    BOOST_TEST(sent == before);
    BOOST_TEST(outcome(full.out().end()) == "ok");
    clock.advance(1s);
    BOOST_TEST(outcome(reply_of(full)) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_a_stream_at_both_ends) {
    serve();
    auto c = join();
    auto call = c.open<void, int, void>(with_timeout(100ms), "aside");
    BOOST_TEST(outcome(send(call.out(), {1})) == "ok");
    BOOST_TEST(living == 1);
    clock.advance(100ms);
    check_goes_on(c);
    BOOST_TEST((seen == "deadline_exceeded" || seen == "cancelled"), seen);
    BOOST_TEST(outcome(send(call.out(), {1})) == "deadline_exceeded");
    BOOST_TEST(outcome(reply_of(call)) == "deadline_exceeded");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_lost_connection_ends_a_stream_at_the_task) {
    serve();
    for (const char* task : {"read", "aside"}) {
        auto raw = join_raw();
        raw.greets();
        raw.sends(raw::stream_request(1, task, 1) + raw::item(1, "1"));
        BOOST_TEST(living == 1);
        raw.leaves();
        settle();
        BOOST_TEST(living == 0);
        BOOST_TEST(seen == "connection_lost", task << " saw " << seen);
        seen.clear();
    }
}

BOOST_AUTO_TEST_CASE(a_lost_connection_ends_a_stream_at_the_caller_behind_what_had_come) {
    auto [c, server] = join_raw_server();
    auto call = c.open<void, int, int>("any");
    settle();
    BOOST_TEST(server.expects_frame().meta == raw::meta({.name = "any", .streams = 3}));
    server.sends(raw::item(1, "1") + raw::item(1, "2"));
    BOOST_TEST(value_of(read_one(call.in())).value() == 1);
    server.leaves();
    settle();
    BOOST_TEST(value_of(read_one(call.in())).value() == 2);
    BOOST_TEST(outcome(read_one(call.in())) == "connection_lost");
    BOOST_TEST(outcome(send(call.out(), {1})) == "connection_lost");
    BOOST_TEST(outcome(reply_of(call)) == "connection_lost");
    auto late = c.open<void, int, int>("any");
    BOOST_TEST(outcome(send(late.out(), {1})) == "connection_lost");
    BOOST_TEST(outcome(read_one(late.in())) == "connection_lost");
    BOOST_TEST(outcome(reply_of(late)) == "connection_lost");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_breaks_the_rules_of_streams_loses_its_client) {
    client_settings.limits.stream_credit = 256 * 1024;
    for (const auto& attack : {raw::end(1) + raw::item(1, "1"), raw::item(1, std::string(300'000, '1')),
                               raw::credit(1, 2'147'483'647), raw::item(2, "x") + raw::end(1) + raw::end(1)}) {
        auto [c, server] = join_raw_server();
        auto call = c.open<void, int, int>("any");
        settle();
        server.expects_frame();
        server.sends(attack);
        server.expects_the_end_because(errc::protocol_error);
        BOOST_TEST(outcome(reply_of(call)) == "protocol_error");
        BOOST_TEST(outcome(send(call.out(), {1})) == "protocol_error");
        leave(c);
    }
}

BOOST_AUTO_TEST_CASE(a_shutdown_lets_streams_finish_and_cancels_them_when_the_drain_is_over) {
    settings.drain_timeout = 5s;
    serve();
    auto c = join();
    auto short_one = c.open<void, int, int>("nap");
    auto endless = c.open<void, int, int>("double");
    settle();
    service->stop();
    settle();
    BOOST_TEST(outcome(send(endless.out(), {4})) == "ok");
    BOOST_TEST(value_of(read_one(endless.in())).value() == 8);
    clock.advance(2s);
    BOOST_TEST(outcome(reply_of(short_one)) == "ok");
    BOOST_TEST(!life->done());
    clock.advance(3s);
    BOOST_TEST(outcome(read_one(endless.in())) == "ok");  // the task returned when its items ended with `cancelled`
    const auto report = ended();
    BOOST_TEST((report.drained == 1U && report.cancelled == 1U));
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
