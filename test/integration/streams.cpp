// Items in either direction: their order, and the limit of those in flight.
#include "integration/stream_tasks.hpp"
#include "support/allocation_count.hpp"
#include "support/sizes.hpp"

#include <map>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

asio::awaitable<std::size_t> measure_task(source<std::string>& in) {
    std::size_t bytes = 0;
    for (;;) {
        auto item = co_await in.next();
        if (!item || !*item) co_return bytes;
        bytes += (*item)->size();
    }
}

struct streams_fixture : stream_fixture {
    std::size_t sent = 0;

    void serve() {
        make().on("count", count_task);
        service->on("sum", sum_task);
        service->on("double", double_task);
        service->on("measure", measure_task);
        service->on("fill", [this](sink<std::string>& out, std::size_t times) -> asio::awaitable<std::size_t> {
            (void)co_await send_copies(out, portion, times, sent);
            co_return sent;
        });
        service->on("wait and sum", [](task_context& call, source<int>& in) -> asio::awaitable<result<int>> {
            co_await call.sleep_for(1s);
            auto sum = co_await sum_task(in);
            co_return sum;
        });
        service->on("large", [](sink<std::string>& out, std::size_t times) -> asio::awaitable<void> {
            std::size_t gone = 0;
            (void)co_await send_copies(out, std::string(16 * kib, 'l'), times, gone);
        });
        service->on("echo", echo_task);
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(streams, streams_fixture)

BOOST_AUTO_TEST_CASE(a_task_sends_items_in_order_and_then_its_result) {
    serve();
    auto c = join();
    auto call = c.open<int, void, int>("count", 1000);
    BOOST_TEST(value_of(read(call.in())) == numbers(1000));
    BOOST_TEST(value_of(read(call.in())).empty());
    BOOST_TEST(value_of(reply_of(call)) == 1000);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_caller_sends_items_in_order_and_awaits_the_result) {
    serve();
    auto c = join();
    auto call = c.open<int, int, void>("sum");
    BOOST_TEST(outcome(send(call.out(), numbers(1001))) == "ok");
    BOOST_TEST(value_of(reply_of(call)) == 500'500);
    leave(c);
}

BOOST_AUTO_TEST_CASE(both_ends_send_and_take_in_turns) {
    serve();
    auto c = join();
    auto call = c.open<void, int, int>("double");
    for (int i = 0; i != 50; ++i) {
        BOOST_TEST(outcome(send(call.out(), {i})) == "ok");
        BOOST_TEST(value_of(read_one(call.in())).value() == 2 * i);
    }
    BOOST_TEST(outcome(call.out().end()) == "ok");
    BOOST_TEST(!value_of(read_one(call.in())).has_value());
    BOOST_TEST(outcome(reply_of(call)) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_opens_streams_to_its_clients) {
    make().on("ask back", [](task_context& ctx) -> asio::awaitable<result<std::vector<int>>> {
        auto call = ctx.peer().open<void, int, int>("double");
        std::size_t gone = 0;
        auto given = co_await send_all(call.out(), numbers(20), gone);
        if (!given) co_return std::move(given.error());
        if (auto ended = call.out().end(); !ended) co_return std::move(ended.error());
        auto all = co_await read_all(call.in());
        co_return all;
    });
    start();
    client_settings.handlers.on("double", double_task);
    auto c = join();
    const auto doubled = value_of(ask<std::vector<int>>(c, "ask back"));
    BOOST_TEST(doubled.size() == 20U);
    BOOST_TEST((doubled.front() == 0 && doubled.back() == 38));
    leave(c);
}

BOOST_AUTO_TEST_CASE(items_are_of_any_type_and_may_be_empty) {
    make().on("strings", [](sink<std::string>& out) -> asio::awaitable<void> {
        std::size_t gone = 0;
        std::vector<std::string> texts{"", "one", std::string("\0\xff", 2), ""};
        (void)co_await send_all(out, std::move(texts), gone);
    });
    service->on("maps", [](sink<std::map<std::string, int>>& out) -> asio::awaitable<void> {
        std::map<std::string, int> prices{{"EUR", 1}, {"USD", 2}};
        (void)co_await out.send(prices);
        prices.clear();
        (void)co_await out.send(prices);
    });
    start();
    auto c = join();
    auto texts = c.open<void, void, std::string>("strings");
    const std::vector<std::string> expected{"", "one", std::string("\0\xff", 2), ""};
    BOOST_TEST(value_of(read(texts.in())) == expected);
    auto maps = c.open<void, void, std::map<std::string, int>>("maps");
    const auto prices = value_of(read(maps.in()));
    BOOST_TEST_REQUIRE(prices.size() == 2U);
    BOOST_TEST((prices[0].at("USD") == 2 && prices[1].empty()));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_waits_while_its_reader_is_behind_by_the_window) {
    client_settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    auto call = c.open<std::size_t, void, std::string>("fill", 200);
    settle();
    BOOST_TEST(sent == fit_into_window);
    for (std::size_t i = 1; i <= 100; ++i) {
        BOOST_TEST(value_of(read_one(call.in())).value() == portion);
        settle();
        BOOST_TEST(sent <= fit_into_window + i);
        BOOST_TEST(sent > fit_into_window / 2 + i - 1);
    }
    BOOST_TEST(value_of(read(call.in())).size() == 100U);
    BOOST_TEST(value_of(reply_of(call)) == 200U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_caller_waits_while_the_task_is_behind_by_the_window) {
    settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    auto call = c.open<int, int, void>("wait and sum");
    auto sending = spawn([&] { return send_all(call.out(), std::vector<int>(1000, 7), sent); });
    settle();
    BOOST_TEST(!sending.done());
    BOOST_TEST(sent == small_window / (12 + 4 + 1));
    clock.advance(1s);
    BOOST_TEST(outcome(run(std::move(sending))) == "ok");
    BOOST_TEST(outcome(reply_of(call)) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(many_MiB_flow_through_a_small_window_in_constant_memory) {
    settings.limits.stream_credit = client_settings.limits.stream_credit = 64 * kib;
    serve();
    auto c = join();
    constexpr std::size_t times = 32 * mib / (16 * kib);
    {
        auto down = c.open<void, void, std::string>("large", times);
        const allocation_watch memory;
        for (std::size_t i = 0; i != times; ++i)
            BOOST_TEST_REQUIRE(value_of(read_one(down.in())).value().size() == 16 * kib);
        BOOST_TEST(memory.peak() < mib);
    }
    auto up = c.open<std::size_t, std::string, void>("measure");
    const allocation_watch memory;
    const std::string large(16 * kib, 'u');
    auto sending = run([&] { return send_copies(up.out(), large, times, sent); });
    BOOST_TEST(outcome(sending) == "ok");
    BOOST_TEST(value_of(reply_of(up)) == 32 * mib);
    BOOST_TEST(memory.peak() < mib);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_stream_that_nobody_reads_holds_up_nobody_else) {
    serve();
    auto c = join();
    auto unread = c.open<std::size_t, void, std::string>("fill", 100'000);
    settle();
    auto other = c.open<int, void, int>("count", 20'000);
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "x")) == "x");
    BOOST_TEST(value_of(read(other.in())).size() == 20'000U);
    BOOST_TEST(sent < 100'000U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(items_that_nobody_ever_asked_for_are_thrown_away_while_the_result_is_awaited) {
    client_settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    auto call = c.open<std::size_t, void, std::string>("fill", 10'000);
    BOOST_TEST(value_of(reply_of(call)) == 10'000U);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
