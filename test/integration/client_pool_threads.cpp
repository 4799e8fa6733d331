// A pool of clients used from several threads at once; most telling under ThreadSanitizer.
#include "integration/service_fixture.hpp"

#include <echosocket/client_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

constexpr std::size_t clients = 4;
constexpr int pool_callers = 8;
constexpr int calls_of_each = 150;  // by each coroutine

asio::awaitable<int> count_up(client_pool pool) {
    int sum = 0;
    for (int i = 0; i != calls_of_each; ++i) {
        (void)pool.notify("tick");
        auto more = co_await pool.call<int>("add", sum, 1);
        sum = more.value_or(-1'000'000);
    }
    co_return sum;
}

asio::awaitable<errc> give_jobs_until_one_fails(peer worker, std::atomic<int>& done) {
    for (;;) {
        auto sum = co_await worker.call<int>("job", 1);
        if (!sum) co_return sum.error().code;
        ++done;
    }
}

asio::awaitable<errc> call_until_one_fails(client_pool pool) {
    for (;;) {
        (void)pool.notify("tick");
        auto sum = co_await pool.call<int>("add", 1, 1);
        if (!sum) co_return sum.error().code;
    }
}

struct pool_threads_fixture : service_fixture {
    std::atomic<int> ticks = 0;
    client_pool_config pool_settings{.size = clients};
    asio::thread_pool threads{3};

    pool_threads_fixture() {
        settings.clock = client_settings.clock = &steady_clock();
        pool_settings.client = client_settings;
        make().on("add", [](int a, int b) { return a + b; });
        service->on_notify("tick", [this] { ++ticks; });
        BOOST_TEST(outcome(service->listen()) == "ok");
        start();
    }
    ~pool_threads_fixture() { threads.join(); }

    /// Runs `work` on the thread pool and completes on the test's thread.
    template <class T>
    spawned<T> begin_in_threads(asio::awaitable<T> coroutine) {
        auto there = std::make_shared<asio::awaitable<T>>(std::move(coroutine));
        return spawn([this, there]() -> asio::awaitable<T> {
            auto ended = asio::co_spawn(threads, std::move(*there), asio::use_awaitable);
            if constexpr (std::is_void_v<T>) {
                co_await std::move(ended);
            } else {
                auto value = co_await std::move(ended);
                co_return value;
            }
        });
    }
    client_pool connect() {
        return value_of(run(begin_in_threads(client_pool::connect(service->addresses().front(), pool_settings))));
    }
    std::vector<spawned<int>> begin_counting(const client_pool& pool) {
        std::vector<spawned<int>> sums;
        for (int i = 0; i != pool_callers; ++i) sums.push_back(begin_in_threads(count_up(pool)));
        return sums;
    }
    std::vector<spawned<errc>> begin_calls_until_one_fails(const client_pool& pool) {
        std::vector<spawned<errc>> all;
        for (int i = 0; i != pool_callers; ++i) all.push_back(begin_in_threads(call_until_one_fails(pool)));
        return all;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_pool_threads, pool_threads_fixture)

BOOST_AUTO_TEST_CASE(calls_and_notifications_from_all_threads_reach_all_clients) {
    auto pool = connect();
    for (auto& sum : begin_counting(pool)) BOOST_TEST(run(sum) == calls_of_each);
    run_until([&] { return ticks == pool_callers * calls_of_each; });

    const auto peers = run([&] { return service->peers(); });
    BOOST_TEST(peers.size() == clients);
    std::uint64_t total = 0;
    for (const auto& each : peers) {
        BOOST_TEST(each.info().calls != 0U);
        total += each.info().calls;
    }
    BOOST_TEST(total == std::uint64_t{pool_callers * calls_of_each});
    run(begin_in_threads(pool.close()));
    BOOST_TEST(pool.connected() == 0U);
}

BOOST_AUTO_TEST_CASE(draining_it_beside_jobs_loses_none_of_them) {
    pool_settings.client.handlers.on("job", [](task_context& call, int n) -> asio::awaitable<result<int>> {
        auto sum = co_await call.peer().call<int>("add", n, 1);
        co_return sum;
    });
    pool_settings.client.handlers.on(
        "until_stop", [](task_context& call) -> asio::awaitable<void> { co_await call.stopping().wait(); });
    auto pool = connect();
    const auto peers = run([&] { return service->peers(); });
    std::atomic<int> done = 0;
    std::vector<spawned<errc>> jobs;
    std::vector<spawned<result<void>>> waiting;
    for (const auto& each : peers) {
        for (int i = 0; i != 4; ++i) jobs.push_back(spawn([&] { return give_jobs_until_one_fails(each, done); }));
        waiting.push_back(spawn([&] { return each.call("until_stop"); }));
    }
    run_until([&] { return done > 100; });
    const auto report = run(begin_in_threads(pool.drain()));
    BOOST_TEST((report.connections == clients && report.cancelled == 0U && report.closed == 0U));
    BOOST_TEST(report.drained >= clients);
    for (auto& each : jobs) {
        const auto why = run(each);
        BOOST_TEST((why == errc::shutting_down), name_of(why));
    }
    for (auto& each : waiting) BOOST_TEST(outcome(run(each)) == "ok");
}

// Closing is allowed while calls are in flight.
BOOST_AUTO_TEST_CASE(closing_it_beside_calls_ends_each_of_them) {
    auto pool = connect();
    auto forever = begin_calls_until_one_fails(pool);
    run_until([&] { return ticks > pool_callers; });
    run(begin_in_threads(pool.close()));
    for (auto& each : forever) {
        const auto why = run(each);
        BOOST_TEST((why == errc::connection_closed || why == errc::connection_lost), name_of(why));
    }
}

BOOST_AUTO_TEST_SUITE_END()
