// How a stream is ended by either end, and what the other end sees at its next step.
#include "integration/stream_tasks.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

failure gone_away() {
    return failure(errc::not_allowed, "the file went away");
}

struct endings_fixture : stream_fixture {
    std::size_t sent = 0;
    std::vector<std::string> seen;  ///< Items seen by handlers that read.

    void serve() {
        make().on("count", count_task);
        service->on("sum", sum_task);
        service->on("echo", echo_task);
        service->on("fail after", [](sink<int>& out, int items) -> asio::awaitable<int> {
            std::size_t gone = 0;
            (void)co_await send_all(out, numbers(items), gone);
            (void)out.fail(gone_away());
            co_return items;
        });
        service->on("read", [this](source<int>& in) -> asio::awaitable<std::size_t> {
            for (;;) {
                auto item = co_await in.next();
                seen.push_back(!item   ? outcome(item) + ": " + item.error().detail
                               : *item ? std::to_string(**item)
                                       : "end");
                if (seen.back() == "end" || seen.size() == 100) co_return seen.size();
                if (!item && item.error().code != errc::bad_request) co_return seen.size();
            }
        });
        service->on("take one", [](source<int>& in) -> asio::awaitable<int> {
            auto item = co_await in.next();
            co_return item&&* item ? **item : -1;
        });
        service->on("throw", [](source<int>& in, sink<int>& out) -> asio::awaitable<void> {
            (void)co_await out.send(1);
            (void)co_await in.next();
            throw std::runtime_error("a bug");
        });
        service->on("texts", [](sink<std::string>& out) -> asio::awaitable<void> {
            std::size_t gone = 0;
            std::vector<std::string> texts{"1", "one", "2"};
            (void)co_await send_all(out, std::move(texts), gone);
        });
        service->on("sizes", [this](sink<std::string>& out, std::vector<std::size_t> sizes) -> asio::awaitable<void> {
            for (const auto size : sizes) {
                auto done = co_await out.send(std::string(size, 's'));
                seen.push_back(outcome(done));
            }
        });
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stream_endings, endings_fixture)

BOOST_AUTO_TEST_CASE(a_task_that_fails_its_items_is_heard_behind_them_and_its_result_still_comes) {
    serve();
    auto c = join();
    auto call = c.open<int, void, int>("fail after", 2);
    BOOST_TEST(value_of(read_one(call.in())).value() == 0);
    BOOST_TEST(value_of(read_one(call.in())).value() == 1);
    const auto end = read_one(call.in());
    BOOST_TEST(outcome(end) == "not_allowed");
    BOOST_TEST(end.error().detail == gone_away().detail);
    BOOST_TEST(value_of(reply_of(call)) == 2);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_caller_that_fails_its_items_is_heard_behind_them) {
    serve();
    auto c = join();
    auto call = c.open<std::size_t, int, void>("read");
    BOOST_TEST(outcome(send(call.out(), {1, 2})) == "ok");
    BOOST_TEST(outcome(call.out().fail(gone_away())) == "ok");
    BOOST_TEST(value_of(reply_of(call)) == 3U);
    const std::vector<std::string> expected{"1", "2", "not_allowed: the file went away"};
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_text_of_a_failure_is_cut_to_what_the_other_side_takes) {
    settings.limits.max_frame = 1024;
    serve();
    auto c = join();
    auto call = c.open<std::size_t, int, void>("read");
    std::string text;
    while (text.size() < 5000) text += "\u2639";
    BOOST_TEST(outcome(call.out().fail(failure(errc::task_failed, text))) == "ok");
    BOOST_TEST(value_of(reply_of(call)) == 1U);
    BOOST_TEST(seen.at(0) == "task_failed: " + text.substr(0, 1023));
    leave(c);
}

BOOST_AUTO_TEST_CASE(behind_the_end_nothing_is_sent_any_more) {
    serve();
    auto c = join();
    auto call = c.open<std::size_t, int, void>("read");
    BOOST_TEST(outcome(send(call.out(), {1})) == "ok");
    BOOST_TEST(outcome(call.out().end()) == "ok");
    BOOST_TEST(outcome(send(call.out(), {2})) == "stream_closed");
    BOOST_TEST(outcome(call.out().end()) == "stream_closed");
    BOOST_TEST(outcome(call.out().fail(gone_away())) == "stream_closed");
    BOOST_TEST(value_of(reply_of(call)) == 2U);
    BOOST_TEST(seen.back() == "end");
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_end_waits_behind_an_item_that_waits_for_room) {
    settings.limits.stream_credit = small_window;
    make().on("late", [](task_context& ctx, source<std::string>& in) -> asio::awaitable<std::size_t> {
        co_await ctx.sleep_for(1s);
        auto all = co_await read_all(in);
        co_return all ? all->size() : 0;
    });
    start();
    auto c = join();
    auto call = c.open<std::size_t, std::string, void>("late");
    auto sending = spawn([&] { return send_copies(call.out(), portion, fit_into_window + 1, sent); });
    settle();
    BOOST_TEST((!sending.done() && sent == fit_into_window));
    BOOST_TEST(outcome(call.out().end()) == "ok");
    clock.advance(1s);
    BOOST_TEST(outcome(run(sending)) == "ok");
    BOOST_TEST(value_of(reply_of(call)) == fit_into_window + 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_that_was_begun_before_the_end_and_comes_behind_it_is_refused) {
    settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    auto call = c.open<std::size_t, std::string, void>("read");
    auto late = call.out().send(portion);  // the call has not been sent yet, so this has to wait
    BOOST_TEST(outcome(call.out().end()) == "ok");
    BOOST_TEST(outcome(run([&] { return std::move(late); })) == "stream_closed");
    BOOST_TEST(value_of(reply_of(call)) == 1U);
    BOOST_TEST(c.connected());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_that_returns_early_closes_the_stream_for_its_caller) {
    settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    auto call = c.open<int, int, void>("take one");
    auto sending = spawn([&] { return send_all(call.out(), std::vector<int>(10'000, 5), sent); });
    BOOST_TEST(outcome(run(sending)) == "stream_closed");
    BOOST_TEST(sent < 10'000U);
    BOOST_TEST(value_of(reply_of(call)) == 5);
    BOOST_TEST(outcome(call.out().end()) == "stream_closed");
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_task_that_throws_fails_both_directions_and_its_result) {
    serve();
    auto c = join();
    auto call = c.open<void, int, int>("throw");
    BOOST_TEST(value_of(read_one(call.in())).value() == 1);
    BOOST_TEST(outcome(send(call.out(), {1})) == "ok");
    BOOST_TEST(outcome(read_one(call.in())) == "task_failed");
    BOOST_TEST(outcome(send(call.out(), {2})) == "task_failed");
    BOOST_TEST(outcome(reply_of(call)) == "task_failed");
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_that_does_not_fit_fails_alone) {
    serve();
    auto c = join();
    auto up = c.open<std::size_t, std::string, void>("read");
    BOOST_TEST(outcome(send<std::string>(up.out(), {"1", "one", "2"})) == "ok");
    BOOST_TEST(value_of(reply_of(up)) == 4U);
    BOOST_TEST((seen.at(0) == "1" && seen.at(1).starts_with("bad_request: ") && seen.at(2) == "2"));
    auto down = c.open<void, void, int>("texts");
    BOOST_TEST(value_of(read_one(down.in())).value() == 1);
    BOOST_TEST(outcome(read_one(down.in())) == "bad_reply");
    BOOST_TEST(value_of(read(down.in())) == std::vector<int>{2}, boost::test_tools::per_element());
    BOOST_TEST(outcome(reply_of(down)) == "ok");
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_above_half_the_window_is_refused_and_the_stream_goes_on) {
    settings.limits.stream_credit = client_settings.limits.stream_credit = small_window;
    serve();
    auto c = join();
    constexpr std::size_t most = small_window / 2 - 12;
    auto down = c.open<void, void, std::string>("sizes", std::vector<std::size_t>{most + 1, most, 1});
    const auto got = value_of(read(down.in()));
    BOOST_TEST_REQUIRE(got.size() == 2U);
    BOOST_TEST((got[0].size() == most && got[1].size() == 1U));
    const std::vector<std::string> expected{"message_too_large", "ok", "ok"};
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
    auto up = c.open<int, std::string, void>("sum");  // not sent yet, so the credit is not known
    BOOST_TEST(outcome(send<std::string>(up.out(), {std::string(most + 1, ' ')})) == "message_too_large");
    BOOST_TEST(outcome(send<std::string>(up.out(), {std::string(most - 1, ' ') + "9"})) == "ok");
    BOOST_TEST(value_of(reply_of(up)) == 9);
    leave(c);
}

BOOST_AUTO_TEST_CASE(streams_that_do_not_suit_the_task_are_a_bad_request) {
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask<int>(c, "count", 5)) == "bad_request");
    BOOST_TEST(outcome(ask<int>(c, "sum")) == "bad_request");
    auto other_way = c.open<int, int, void>("count", 5);
    BOOST_TEST(outcome(reply_of(other_way)) == "bad_request");
    auto plain = c.open<std::string, void, int>("echo", "x");
    BOOST_TEST(outcome(read_one(plain.in())) == "bad_request");
    BOOST_TEST(outcome(reply_of(plain)) == "bad_request");
    auto unknown = c.open<int, int, int>("nobody");
    BOOST_TEST(outcome(reply_of(unknown)) == "unknown_task");
    BOOST_TEST(outcome(send(unknown.out(), {1})) == "unknown_task");
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
