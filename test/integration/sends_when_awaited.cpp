// An item is sent when its send is awaited: not before, and not twice.
#include "integration/stream_tasks.hpp"
#include "support/allocation_count.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// Is cancelled before it sends 1, and sends it again. Returns how often it tried.
asio::awaitable<int> send_until_sent(sink<int> out, const std::optional<spawned<int>>& self) {
    auto me = *self;
    me.cancel();
    for (int tries = 1;; ++tries) {
        bool sent = false;
        try {
            auto done = co_await out.send(1);
            sent = done.has_value();
        } catch (const boost::system::system_error&) {
        }
        if (sent) co_return tries;
        co_await asio::this_coro::reset_cancellation_state();
    }
}

struct awaited_fixture : stream_fixture {
    std::size_t allocations = 0;

    void serve() {
        make().on("collect", [](source<int>& in) -> asio::awaitable<result<std::vector<int>>> {
            auto all = co_await read_all(in);
            co_return all;
        });
        service->on("forget one", [](sink<int>& out) -> asio::awaitable<void> {
            auto forgotten = out.send(1);
            (void)co_await out.send(2);
        });
        service->on("many", [this](sink<int>& out, int items) -> asio::awaitable<void> {
            (void)co_await out.send(0);
            const auto before = allocation_count();
            for (int i = 1; i != items; ++i) (void)co_await out.send(i);
            allocations = allocation_count() - before;
        });
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sends_when_awaited, awaited_fixture)

BOOST_AUTO_TEST_CASE(an_item_whose_send_nobody_awaits_is_not_sent) {
    serve();
    auto c = join();
    auto up = c.open<std::vector<int>, int, void>("collect");
    settle();  // from here on there is credit, and the item would go out at once
    {
        auto forgotten = up.out().send(1);
        settle();
    }
    BOOST_TEST(outcome(send(up.out(), {2})) == "ok");
    BOOST_TEST(value_of(reply_of(up)) == std::vector<int>{2}, boost::test_tools::per_element());
    auto down = c.open<void, void, int>("forget one");
    BOOST_TEST(value_of(read(down.in())) == std::vector<int>{2}, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_item_that_is_cancelled_before_it_is_sent_and_sent_again_arrives_once) {
    serve();
    auto c = join();
    auto call = c.open<std::vector<int>, int, void>("collect");
    settle();
    std::optional<spawned<int>> sending;
    sending.emplace(spawn([&] { return send_until_sent(call.out(), sending); }));
    BOOST_TEST(run(*sending) == 2);
    BOOST_TEST(value_of(reply_of(call)) == std::vector<int>{1}, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_item_may_go_before_its_send_is_awaited) {
    serve();
    auto c = join();
    auto call = c.open<std::vector<int>, int, void>("collect");
    auto item = std::make_unique<int>(7);
    auto later = call.out().send(*item);
    item.reset();
    BOOST_TEST(outcome(run([&] { return std::move(later); })) == "ok");
    BOOST_TEST(value_of(reply_of(call)) == std::vector<int>{7}, boost::test_tools::per_element());
    leave(c);
}

#ifndef BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
BOOST_AUTO_TEST_CASE(items_that_go_out_at_once_cost_no_allocation) {
    serve();
    auto c = join();
    auto call = c.open<void, void, int>("many", 1000);
    BOOST_TEST(value_of(read(call.in())).size() == 1000U);
    BOOST_TEST(allocations == 0U);
    leave(c);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
