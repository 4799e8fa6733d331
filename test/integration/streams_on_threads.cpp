// Streams whose ends are used on several threads at once; most telling under ThreadSanitizer.
#include "integration/stream_tasks.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

constexpr int items = 400;
constexpr int stream_callers = 12;

/// Sends back what it reads, on another strand than the connection's.
asio::awaitable<int> reflect(source<int> in, sink<int> out) {
    for (int count = 0;; ++count) {
        auto item = co_await in.next();
        if (!item || !*item) co_return count;
        auto sent = co_await out.send(**item);
        if (!sent) co_return -1;
    }
}

asio::awaitable<bool> send_numbers(sink<int> out) {
    std::size_t sent = 0;
    auto done = co_await send_all(out, numbers(items), sent);
    co_return done&& out.end();
}

/// One end sends on one strand and reads on another.
asio::awaitable<bool> talk(client c) {
    auto call = c.open<int, int, int>("reflect");
    auto executor = co_await asio::this_coro::executor;
    auto sending = asio::co_spawn(asio::make_strand(executor), send_numbers(call.out()), asio::use_awaitable);
    auto reading = read_all(call.in());
    auto [sent, got] = co_await (std::move(sending) && std::move(reading));
    auto count = co_await call.reply();
    co_return sent&& got&&* got == numbers(items) && count&&* count == items;
}

/// Drops a call in the middle, while both ends are busy.
asio::awaitable<bool> hang_up(client c) {
    auto call = c.open<int, int, int>("reflect");
    for (int i = 0; i != 50; ++i) {
        auto sent = co_await call.out().send(i);
        if (!sent) co_return false;
        auto back = co_await call.in().next();
        if (!back || *back != i) co_return false;
    }
    auto last = co_await call.out().send(50);
    co_return last.has_value();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(streams_on_threads, stream_fixture)

BOOST_AUTO_TEST_CASE(every_end_is_used_on_a_thread_of_its_own) {
    settings.clock = client_settings.clock = &steady_clock();
    settings.limits.stream_credit = client_settings.limits.stream_credit = small_window;
    make().on("reflect", [this](source<int>& in, sink<int>& out) -> asio::awaitable<int> {
        // Asio 1.81 cannot cancel a coroutine on another strand without a race; the streams report that the call has
        // ended.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto elsewhere = asio::co_spawn(asio::make_strand(io), reflect(in, out), asio::use_awaitable);
        const int count = co_await std::move(elsewhere);
        co_return count;
    });
    start();
    std::atomic<int> right = 0;
    {
        auto c = join();
        auto other = join();
        std::vector<spawned<void>> all;
        std::atomic<int> left = stream_callers;
        for (int i = 0; i != stream_callers; ++i)
            all.push_back(spawn([&, i]() -> asio::awaitable<void> {
                auto talking = talk(i % 3 == 0 ? other : c);
                const bool talked = co_await std::move(talking);
                auto hanging_up = hang_up(i % 3 == 0 ? c : other);
                const bool hung_up = co_await std::move(hanging_up);
                right += static_cast<int>(talked) + static_cast<int>(hung_up);
                if (--left == 0) {
                    co_await c.close();
                    co_await other.close();
                    service->stop();
                }
            }));
        run_on_threads(4);
        for (auto& one : all) BOOST_TEST(one.done());
    }
    BOOST_TEST(right == 2 * stream_callers);
    BOOST_TEST(life->done());
}

BOOST_AUTO_TEST_SUITE_END()
