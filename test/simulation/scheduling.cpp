// The order, the time and the end of what a simulation runs.
#include "support/alive.hpp"

#include <echosocket/call_options.hpp>
#include <echosocket/server.hpp>
#include <echosocket/simulation.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using testing::simulation;

namespace {

/// The order in which five jobs run that are ready at once.
std::string order_of(std::uint64_t seed) {
    simulation sim(seed);
    std::string order;
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) asio::post(sim.executor(), [&order, name] { order += name; });
    sim.run_for(0s);
    return order;
}

std::string alarms_of(std::uint64_t seed) {
    simulation sim(seed);
    const auto strand = asio::any_io_executor(asio::make_strand(sim.executor()));
    std::string order;
    std::vector<std::unique_ptr<echosocket::alarm>> alarms;
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
        alarms.push_back(sim.clock().make_alarm(strand));
        alarms.back()->set(sim.now() + 5s, [&order, name] { order += name; });
    }
    sim.run_for(5s);
    return order;
}

asio::awaitable<void> sleep_and_add(simulation& sim, std::chrono::milliseconds time, int& counter) {
    co_await sleep_for(sim.clock(), time);
    ++counter;
}

/// A server, a client and a call between them; what was drawn and done.
std::uint64_t trace_of(std::uint64_t seed) {
    simulation sim(seed);
    server_config config;
    config.clock = &sim.clock();
    server host(sim.executor(), config);
    host.on("wait", [](task_context& call, int time) -> asio::awaitable<int> {
        co_await call.sleep_for(std::chrono::milliseconds(time));
        co_return time;
    });
    sim.spawn([&host]() -> asio::awaitable<void> { (void)co_await host.run(); });
    const auto link = sim.make_link({.most_delay = 20ms, .most_bytes = 10});
    sim.run([&]() -> asio::awaitable<void> {
        client_config guest;
        guest.clock = &sim.clock();
        const std::vector<dialer> dialers{link.to(host)};
        auto joined = co_await client::connect(dialers, guest);
        const auto options = once();
        const auto answered = co_await joined.value().call<int>(options, "wait", 3600);
        BOOST_TEST(answered.value() == 3600);
        co_await joined->close();
    });
    host.stop();
    BOOST_TEST(sim.run_until([&] { return sim.left().nothing(); }));
    return sim.trace();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduling)

BOOST_AUTO_TEST_CASE(what_is_ready_runs_in_an_order_that_the_seed_draws) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed != 200; ++seed) {
        const auto order = order_of(seed);
        BOOST_TEST(order == order_of(seed));
        orders.insert(order);
    }
    BOOST_TEST(orders.size() > 60U);  // of 120
}

BOOST_AUTO_TEST_CASE(alarms_of_the_same_time_ring_in_an_order_that_the_seed_draws) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed != 200; ++seed) orders.insert(alarms_of(seed));
    BOOST_TEST(orders.size() > 60U);
}

BOOST_AUTO_TEST_CASE(a_strand_keeps_its_order) {
    for (std::uint64_t seed = 0; seed != 50; ++seed) {
        simulation sim(seed, {.stall_one_in = 2, .longest_stall = 10ms});
        const auto strand = asio::make_strand(sim.executor());
        std::string order;
        for (const char name : {'a', 'b', 'c', 'd', 'e'}) asio::post(strand, [&order, name] { order += name; });
        sim.run_for(1h);
        BOOST_TEST(order == "abcde");
    }
}

BOOST_AUTO_TEST_CASE(dispatch_runs_at_once_or_later) {
    int at_once = 0;
    int later = 0;
    for (std::uint64_t seed = 0; seed != 50; ++seed) {
        simulation sim(seed);
        int ran = 0;
        asio::post(sim.executor(), [&] {
            asio::dispatch(sim.executor(), [&ran] { ++ran; });
            ++(ran == 1 ? at_once : later);
        });
        sim.run_for(0s);
        BOOST_TEST(ran == 1);
    }
    BOOST_TEST((at_once > 10 && later > 10));
}

BOOST_AUTO_TEST_CASE(the_same_seed_does_the_same_to_servers_and_clients) {
    const auto first = trace_of(1);
    BOOST_TEST(first == trace_of(1));
    BOOST_TEST(first != trace_of(2));
}

BOOST_AUTO_TEST_CASE(time_passes_only_if_nothing_is_ready) {
    simulation sim(1);
    const auto began = sim.now();
    int rang = 0;
    const auto alarm = sim.clock().make_alarm(sim.executor());
    alarm->set(sim.now() + 10h, [&rang] { ++rang; });
    int jobs = 0;
    std::function<void()> job = [&] {
        BOOST_TEST((sim.now() == began));
        if (++jobs != 100) asio::post(sim.executor(), [&job] { job(); });
    };
    asio::post(sim.executor(), [&job] { job(); });
    BOOST_TEST(sim.run_until([&rang] { return rang == 1; }, 24h));
    BOOST_TEST(jobs == 100);
    BOOST_TEST((sim.now() == began + 10h));
}

BOOST_AUTO_TEST_CASE(an_alarm_that_was_cancelled_or_set_again_does_not_ring) {
    for (std::uint64_t seed = 0; seed != 50; ++seed) {
        simulation sim(seed);
        const auto strand = asio::any_io_executor(asio::make_strand(sim.executor()));
        const auto cancelled = sim.clock().make_alarm(strand);
        const auto set_again = sim.clock().make_alarm(strand);
        const auto began = sim.now();
        int rang = 0;
        cancelled->set(began + 1s, [] { BOOST_ERROR("a cancelled alarm rang"); });
        set_again->set(began + 1s, [] { BOOST_ERROR("an alarm rang at its first time"); });
        // On their strand, and at the time when they are due.
        const auto same_time = sim.clock().make_alarm(strand);
        bool in_time = false;
        same_time->set(began + 999ms, [&] {
            in_time = true;
            cancelled->cancel();
            set_again->set(began + 2s, [&rang] { ++rang; });
        });
        sim.run_for(1500ms);
        BOOST_TEST((in_time && rang == 0));
        sim.run_for(1s);
        BOOST_TEST(rang == 1);
        BOOST_TEST(sim.left().nothing());
    }
}

BOOST_AUTO_TEST_CASE(run_returns_what_the_coroutine_returns_and_throws_what_it_throws) {
    simulation sim(1);
    BOOST_TEST(sim.run([]() -> asio::awaitable<int> { co_return 42; }) == 42);
    const auto throws = []() -> asio::awaitable<void> {
        throw std::runtime_error("as asked");
        co_return;
    };
    BOOST_CHECK_THROW(sim.run(throws), std::runtime_error);
    sim.spawn(throws);
    BOOST_CHECK_THROW(sim.run_for(1s), std::runtime_error);
    asio::post(sim.executor(), [] { throw std::logic_error("this too"); });
    BOOST_CHECK_THROW(sim.run_for(1s), std::logic_error);
    BOOST_TEST(sim.left().nothing());
}

BOOST_AUTO_TEST_CASE(run_until_tells_if_nothing_is_left_to_do_and_if_the_time_is_over) {
    simulation sim(1);
    BOOST_TEST(!sim.run_until([] { return false; }));
    int ended = 0;
    sim.spawn([&]() { return sleep_and_add(sim, 10s, ended); });
    BOOST_TEST(!sim.run_until([&] { return ended == 1; }, 9s));
    BOOST_TEST(sim.run_until([&] { return ended == 1; }, 1h));
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_waits_is_work_that_is_left) {
    simulation sim(1);
    int ended = 0;
    sim.spawn([&]() { return sleep_and_add(sim, 10s, ended); });
    sim.run_for(5s);
    BOOST_TEST((sim.left().work != 0U && sim.left().timers == 1U && sim.left().ready == 0U));
    sim.run_for(5s);
    BOOST_TEST((ended == 1 && sim.left().nothing()));
}

BOOST_AUTO_TEST_CASE(keys_of_calls_follow_from_the_seed) {
    const auto key_of = [](std::uint64_t seed) {
        simulation sim(seed);
        return sim.run([]() -> asio::awaitable<std::string> { co_return once().idempotency_key; });
    };
    BOOST_TEST((key_of(1) == key_of(1)));
    BOOST_TEST((key_of(1) != key_of(2)));
    BOOST_TEST((once().idempotency_key != once().idempotency_key));
}

BOOST_AUTO_TEST_CASE(the_tests_own_draws_do_not_change_the_order) {
    const auto order_after = [](int draws) {
        simulation sim(1);
        while (draws-- != 0) (void)sim.random()();
        std::string order;
        for (const char name : {'a', 'b', 'c', 'd', 'e'}) asio::post(sim.executor(), [&order, name] { order += name; });
        sim.run_for(0s);
        return order;
    };
    BOOST_TEST(order_after(0) == order_after(7));
}

BOOST_AUTO_TEST_CASE(work_from_another_thread_is_refused) {
    simulation sim(1);
    std::atomic<bool> refused = false;
    std::thread([&] {
        try {
            asio::post(sim.executor(), [] {});
        } catch (const std::logic_error&) {
            refused = true;
        }
    }).join();
    BOOST_TEST(refused);
}

BOOST_AUTO_TEST_CASE(what_is_left_when_a_simulation_goes_is_destroyed) {
    int living = 0;
    {
        simulation sim(1);
        const auto link = sim.make_link();
        auto [near, far] = link.connect();
        sim.spawn([&living, io = std::shared_ptr<transport>(std::move(near))]() -> asio::awaitable<void> {
            const alive here(living);
            (void)co_await io->wait_readable();
        });
        asio::post(sim.executor(), [here = std::make_shared<alive>(living)] {});
        BOOST_TEST(sim.run_until([&living] { return living == 2; }, 0s));
    }
    BOOST_TEST(living == 0);
}

BOOST_AUTO_TEST_SUITE_END()
