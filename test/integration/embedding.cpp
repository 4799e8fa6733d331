// A server and clients inside of a program that has executors and work of its own.
#include "integration/service_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <string>
#include <thread>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::string thread_name() {
    return std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
}

asio::awaitable<int> add_over(client c, int rounds) {
    int sum = 0;
    for (int i = 0; i != rounds; ++i) {
        auto more = co_await c.call<int>("add", sum, 1);
        sum = more.value_or(-1'000'000);
    }
    co_return sum;
}

asio::awaitable<int> visit(std::string address, client_config config, int rounds) {
    auto c = co_await client::connect(address, config);
    if (!c) throw std::runtime_error(c.error().message());
    auto sum = co_await add_over(*c, rounds);
    co_await c->close();
    co_return sum;
}

struct embedding_fixture : service_fixture {
    embedding_fixture() { settings.clock = client_settings.clock = &steady_clock(); }

    void add_tasks(server& s) {
        s.on("add", [](int a, int b) { return a + b; });
        s.on("thread", [] { return thread_name(); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(embedding, embedding_fixture)

BOOST_AUTO_TEST_CASE(server_client_and_other_work_share_one_io_context) {
    add_tasks(make());
    BOOST_TEST(outcome(service->listen()) == "ok");
    int measured = 0;
    bool done = false;
    auto other_work = spawn([&]() -> asio::awaitable<void> {
        asio::steady_timer timer(io);
        while (!done) {
            timer.expires_after(50us);
            co_await timer.async_wait(asio::use_awaitable);
            ++measured;
        }
    });
    auto guest = spawn([&]() -> asio::awaitable<int> {
        auto sum = co_await visit(service->addresses().front(), client_settings, 500);
        done = true;
        service->stop();
        co_return sum;
    });
    life.emplace(spawn([this] { return service->run(); }));
    io.restart();
    io.run();  // returns because no work is left
    BOOST_TEST((other_work.done() && guest.done() && life->done()));
    BOOST_TEST(guest.get() == 500);
    BOOST_TEST(measured > 0);
    BOOST_TEST(outcome(life->get()) == "ok");
    life.reset();
}

BOOST_AUTO_TEST_CASE(the_server_runs_where_its_executor_says_and_the_client_where_its_caller_runs) {
    asio::thread_pool pool(2);
    server elsewhere(pool.get_executor(), settings);
    add_tasks(elsewhere);
    BOOST_TEST(outcome(elsewhere.listen()) == "ok");
    auto elsewhere_life = asio::co_spawn(pool, elsewhere.run(), asio::use_future);
    const auto here = thread_name();
    const auto there = run([&]() -> asio::awaitable<std::string> {
        auto c = co_await client::connect(elsewhere.addresses().front(), client_settings);
        if (thread_name() != here) throw std::runtime_error("connect resumed elsewhere");
        auto name = co_await c->call<std::string>("thread");
        if (thread_name() != here) throw std::runtime_error("call resumed elsewhere");
        co_await c->close();
        if (thread_name() != here) throw std::runtime_error("close resumed elsewhere");
        co_return *name;
    });
    BOOST_TEST(there != here);
    elsewhere.stop();
    BOOST_TEST(outcome(elsewhere_life.get()) == "ok");
    pool.join();
}

BOOST_AUTO_TEST_CASE(a_client_connected_on_one_context_is_called_from_another) {
    add_tasks(make());
    start();
    auto c = join();
    asio::thread_pool pool(2);
    auto sums = std::array{asio::co_spawn(pool, add_over(c, 200), asio::use_future),
                           asio::co_spawn(asio::make_strand(pool), add_over(c, 200), asio::use_future)};
    const auto ready = [](const std::future<int>& sum) { return sum.wait_for(0s) == std::future_status::ready; };
    run_until([&] { return ready(sums[0]) && ready(sums[1]); });
    BOOST_TEST((sums[0].get() == 200 && sums[1].get() == 200));
    pool.join();
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_may_live_on_a_strand) {
    const auto strand = asio::make_strand(io);
    service.emplace(strand, settings);
    add_tasks(*service);
    life.emplace(spawn_on(strand, [this] { return service->run(); }));
    settle();
    auto near = spawn_on(strand, [&] { return visit(service->addresses().front(), client_settings, 50); });
    auto far = spawn([&] { return visit(service->addresses().front(), client_settings, 50); });
    BOOST_TEST(run(near) == 50);
    BOOST_TEST(run(far) == 50);
}

BOOST_AUTO_TEST_CASE(two_servers_on_one_context_call_each_other) {
    add_tasks(make());
    start();
    auto behind = join();
    server front(io.get_executor(), settings);
    front.on("add_twice", [&behind](int a, int b) -> asio::awaitable<result<int>> {
        auto once = co_await behind.call<int>("add", a, b);
        if (!once) co_return once;
        auto twice = co_await behind.call<int>("add", *once, b);
        co_return twice;
    });
    auto front_life = spawn([&] { return front.run(); });
    auto c = value_of(run([&] { return client::connect(front, client_settings); }));
    BOOST_TEST(value_of(ask<int>(c, "add_twice", 1, 10)) == 21);
    leave(c);
    leave(behind);
    front.stop();
    BOOST_TEST(outcome(run(front_life)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_context_that_only_holds_an_idle_client_stays_until_it_is_closed) {
    add_tasks(make());
    start();
    auto c = join();
    io.restart();
    io.run_for(10ms);
    BOOST_TEST(!io.stopped());
    leave(c);
    stop();
    io.restart();
    io.run_for(patience);
    BOOST_TEST(io.stopped());
}

BOOST_AUTO_TEST_SUITE_END()
