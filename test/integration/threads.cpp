// Everything at once on several threads; most telling under ThreadSanitizer.
#include "integration/service_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

struct figures {
    std::atomic<int> right = 0;
    std::atomic<int> wrong = 0;
    std::atomic<int> given_up = 0;

    void count(bool as_expected) { ++(as_expected ? right : wrong); }
};

/// Makes one call after the other, as a coroutine on any executor may.
asio::awaitable<void> call_all(client c, int seed, figures& counts) {
    const auto text = std::string(static_cast<std::size_t>(seed % 7) * 300, 'x') + std::to_string(seed);
    auto echoed = co_await c.call<std::string>("echo", text);
    counts.count(echoed && *echoed == text);
    auto slept = co_await c.call<int>("sleep", seed % 3);
    counts.count(slept && *slept == seed % 3);
    auto unknown = co_await c.call("nobody");
    counts.count(!unknown && unknown.error().code == errc::unknown_task);
    auto late = co_await c.call<int>(with_timeout(1ms), "sleep", 10'000);
    counts.count(!late && late.error().code == errc::deadline_exceeded);
    const std::string large(200'000, 'l');
    auto body = co_await c.call<std::string>("echo", large);
    counts.count(body && *body == large);
}

/// The same, and one call that is cancelled in favour of another: for coroutines on a strand.
asio::awaitable<void> use(client c, int seed, figures& counts) {
    co_await call_all(c, seed, counts);
    auto slow = c.call<int>("sleep", 10'000);
    auto quick = c.call<int>("sleep", 1);
    const auto first = co_await (std::move(slow) || std::move(quick));
    counts.given_up += first.index() == 1 ? 1 : 0;
}

asio::awaitable<void> visit(std::string address, client_config config, int seed, int rounds, figures& counts) {
    auto c = co_await client::connect(address, config);
    counts.count(c.has_value());
    if (!c) co_return;
    for (int i = 0; i != rounds; ++i) co_await use(*c, seed + i, counts);
    if (seed % 2 == 0) co_await c->close();  // the others just drop the client
}

struct threads_fixture : service_fixture {
    figures counts;

    threads_fixture() {
        settings.clock = client_settings.clock = &steady_clock();
        settings.limits.max_frame = client_settings.limits.max_frame = 64 * 1024;
        make().on("echo", echo_task);
        service->on("sleep", sleep_task);
        if (const auto open = service->listen(); !open) throw std::runtime_error(open.error().message());
    }
    void run_server() {
        life.emplace(spawn([this] { return service->run(); }));
    }
    void check_report(int expected_right) {
        BOOST_TEST(counts.wrong == 0);
        BOOST_TEST(counts.right == expected_right);
        BOOST_TEST(life->done());
        const auto report = value_of(life->get());
        BOOST_TEST(report.closed == 0U);
        life.reset();
        const auto left = stats();
        BOOST_TEST((left.connections == 0U && left.running_calls == 0U));
    }
};

/// Stops the server once all have left.
template <class T>
asio::awaitable<void> stop_after(asio::awaitable<T> visit, std::atomic<int>& others, server& s) {
    co_await std::move(visit);
    if (--others == 0) s.stop();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(threads, threads_fixture)

BOOST_AUTO_TEST_CASE(many_connections_are_served_side_by_side_by_four_threads) {
    constexpr int connections = 24;
    constexpr int rounds = 8;
    std::atomic<int> left = connections;
    run_server();
    const auto address = service->addresses().front();
    std::vector<spawned<void>> visitors;
    for (int i = 0; i != connections; ++i) {
        visitors.push_back(spawn(
            [&, i] { return stop_after(visit(address, client_settings, 100 * i, rounds, counts), left, *service); }));
    }
    run_on_threads(4);
    BOOST_TEST(counts.given_up == connections * rounds);
    check_report(connections * (1 + 5 * rounds));
    BOOST_TEST(stats().calls >= static_cast<std::uint64_t>(connections) * rounds * 6);
}

BOOST_AUTO_TEST_CASE(one_client_is_shared_by_callers_on_every_kind_of_executor) {
    constexpr int callers = 12;
    run_server();
    auto c = value_of(run([&] { return client::connect(service->addresses().front(), client_settings); }));
    std::atomic<int> left = callers;
    asio::thread_pool pool(2);
    const auto plain = [&](int i) { return stop_after(call_all(c, i, counts), left, *service); };
    const auto on_strand = [&](int i) { return stop_after(use(c, i, counts), left, *service); };
    std::vector<std::future<void>> calls;
    for (int i = 0; i != callers; i += 4) {
        calls.push_back(asio::co_spawn(io, plain(i), asio::use_future));
        calls.push_back(asio::co_spawn(asio::make_strand(io), on_strand(i + 1), asio::use_future));
        calls.push_back(asio::co_spawn(pool, plain(i + 2), asio::use_future));
        calls.push_back(asio::co_spawn(asio::make_strand(pool), on_strand(i + 3), asio::use_future));
    }
    run_on_threads(2);
    for (auto& call : calls) call.get();
    pool.join();
    BOOST_TEST(counts.given_up == callers / 2);
    check_report(callers * 5);
    BOOST_TEST(!c.connected());
}

BOOST_AUTO_TEST_CASE(questions_are_answered_while_connections_come_and_go) {
    constexpr int connections = 40;
    std::atomic<int> left = connections;
    std::atomic<bool> done = false;
    std::atomic<std::size_t> seen = 0;
    run_server();
    const auto address = service->addresses().front();
    std::vector<spawned<void>> visitors;
    for (int i = 0; i != connections; ++i) {
        visitors.push_back(spawn([&, i]() -> asio::awaitable<void> {
            co_await visit(address, client_settings, 10 * i, 1, counts);
            if (--left == 0) done = true;
        }));
    }
    auto observer = spawn([&]() -> asio::awaitable<void> {
        while (!done) {
            const auto sessions = co_await service->sessions();
            for (const auto& session : sessions) {
                auto again = co_await service->find(session.id);
                seen += again ? again->name().size() : 0;
            }
            auto now = co_await service->stats();
            seen += now.connections;
        }
        service->stop();
    });
    run_on_threads(4);
    BOOST_TEST(observer.done());
    BOOST_TEST(seen > 0U);
    check_report(connections * 6);
}

BOOST_AUTO_TEST_CASE(clients_that_vanish_amid_their_calls_leave_nothing) {
    constexpr int connections = 32;
    std::atomic<int> left = connections;
    run_server();
    const auto address = service->addresses().front();
    auto vanish = [&]() -> asio::awaitable<void> {
        auto c = co_await client::connect(address, client_settings);
        counts.count(c.has_value());
        if (!c) co_return;
        auto running = c->call<int>("sleep", 60'000);
        auto closing = c->close();
        auto ended = co_await (std::move(running) && std::move(closing));
        counts.count(!ended && ended.error().code == errc::connection_closed);
    };
    std::vector<spawned<void>> visitors;
    for (int i = 0; i != connections; ++i)
        visitors.push_back(spawn([&] { return stop_after(vanish(), left, *service); }));
    run_on_threads(4);
    check_report(2 * connections);
}

BOOST_AUTO_TEST_SUITE_END()
