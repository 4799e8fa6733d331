// When and from which code a server may be asked to stop.
#include "integration/service_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct requests_fixture : service_fixture {
    void serve() {
        make().on("sleep", sleep_task);
        service->on("echo", echo_task);
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shutdown_requests, requests_fixture)

BOOST_AUTO_TEST_CASE(a_server_stopped_before_it_runs_ends_as_soon_as_it_does) {
    make();
    service->stop();
    settle();
    start();
    BOOST_TEST(life->done());
    BOOST_TEST((ended().connections == 0U));
}

BOOST_AUTO_TEST_CASE(who_was_attached_before_is_drained_too) {
    make();
    auto joining = spawn([&] { return client::connect(*service, client_settings); });
    service->stop();
    settle();
    BOOST_TEST(!joining.done());
    start();
    BOOST_TEST((ended().connections == 1U));
    auto c = value_of(run(joining));
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::shutting_down));
}

BOOST_AUTO_TEST_CASE(stop_may_be_asked_for_again_and_again) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 1000);
    settle();
    for (int i = 0; i != 3; ++i) service->stop();
    settle();
    service->stop();
    const auto report = ended();
    BOOST_TEST((report.drained == 1U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "ok");
    service->stop();
    service->stop_now();
    settle();
}

BOOST_AUTO_TEST_CASE(another_thread_may_stop_it) {
    serve();
    auto c = join();
    std::jthread elsewhere([&] { service->stop(); });
    BOOST_TEST(outcome(run(*life)) == "ok");
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::shutting_down));
    life.reset();
}

BOOST_AUTO_TEST_CASE(a_task_may_stop_it_and_is_still_answered) {
    make().on("stop", [this] { service->stop(); });
    start();
    auto c = join();
    BOOST_TEST(outcome(ask(c, "stop")) == "ok");
    BOOST_TEST((ended().connections == 1U));
}

BOOST_AUTO_TEST_CASE(cancelling_run_is_the_same_as_stop) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 1000);
    settle();
    life->cancel();
    settle();
    BOOST_TEST(!life->done());
    const auto report = ended();
    BOOST_TEST((report.connections == 1U && report.drained == 1U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "ok");
}

BOOST_AUTO_TEST_CASE(cancelling_run_in_a_drain_changes_nothing) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "sleep", 1000);
    settle();
    service->stop();
    settle();
    life->cancel();
    settle();
    const auto report = ended();
    BOOST_TEST((report.drained == 1U && report.cancelled == 0U && report.took == 1s));
    BOOST_TEST(outcome(run(call)) == "ok");
}

BOOST_AUTO_TEST_CASE(run_may_be_cancelled_from_another_strand_at_the_moment_it_ends) {
    for (int round = 0; round != 30; ++round) {
        server once(io.get_executor(), {.clock = &clock});
        auto strand = asio::make_strand(io);
        auto one_life = spawn_on(strand, [&] { return once.run(); });
        settle();
        asio::post(strand, [&] { one_life.cancel(); });
        once.stop();
        run_on_threads(2);
        BOOST_TEST(one_life.done());
        BOOST_TEST(outcome(one_life.get()) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(run_is_called_once) {
    serve();
    BOOST_CHECK_EXCEPTION((void)run([&] { return service->run(); }), usage_error,
                          [](const usage_error& e) { return e.code() == errc::already_running; });
    stop();
    BOOST_CHECK_THROW((void)run([&] { return service->run(); }), usage_error);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_ran_may_go_also_with_clients_waiting) {
    make();
    auto joining = spawn([&] { return client::connect(*service, client_settings); });
    settle();
    service.reset();
    BOOST_TEST(outcome(run(joining)) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(the_address_is_free_again_after_run) {
    serve();
    const auto address = service->addresses().front();
    auto c = join_at(address);
    leave(c);
    stop();
    settings.listen = {address};
    serve();
    BOOST_TEST(service->addresses().front() == address);
    auto again = join_at(address);
    BOOST_TEST(value_of(ask<std::string>(again, "echo", "again")) == "again");
    leave(again);
}

BOOST_AUTO_TEST_CASE(stop_amid_a_rush_of_connections_leaves_nobody_without_an_answer) {
    settings.clock = client_settings.clock = &steady_clock();
    settings.drain_timeout = 5s;
    serve();
    const auto address = service->addresses().front();
    std::atomic<int> answered = 0;
    std::atomic<int> unexpected = 0;
    auto visit = [&]() -> asio::awaitable<void> {
        for (int i = 0; i != 20; ++i) {
            auto c = co_await client::connect(address, client_settings);
            if (!c) {
                const auto why = c.error().code;
                const bool fair = why == errc::connect_failed || why == errc::shutting_down || why == errc::refused ||
                                  why == errc::connection_lost;
                unexpected += fair ? 0 : 1;
                co_return;
            }
            auto reply = co_await c->call<std::string>("echo", "x");
            const bool fair =
                reply || reply.error().code == errc::shutting_down || reply.error().code == errc::connection_lost;
            unexpected += fair ? 0 : 1;
            if (++answered == 40) service->stop();
            co_await c->close();
        }
    };
    std::vector<spawned<void>> visitors;
    for (int i = 0; i != 16; ++i) visitors.push_back(spawn(visit));
    run_on_threads(4);
    for (auto& visitor : visitors) BOOST_TEST(visitor.done());
    BOOST_TEST(life->done());
    BOOST_TEST(unexpected == 0);
    BOOST_TEST(answered >= 40);
    BOOST_TEST((ended().closed == 0U));
}

BOOST_AUTO_TEST_SUITE_END()
