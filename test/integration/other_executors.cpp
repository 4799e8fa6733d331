// Handlers that await what resumes them elsewhere, and `task_context::run_on`.
#include "integration/service_fixture.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct other_executors_fixture : service_fixture {
    asio::thread_pool pool{2};
    std::atomic<int> off_strand = 0;
    std::atomic<int> stops_seen = 0;
    std::promise<void> begun;
    std::promise<void> may_go_on;

    ~other_executors_fixture() { pool.join(); }

    asio::awaitable<void> go_to_pool() {
        return asio::post(asio::bind_executor(pool.get_executor(), asio::use_awaitable));
    }

    void serve() {
        make().on("roam", [this](std::string text) -> asio::awaitable<std::string> {
            const auto strand = std::this_thread::get_id();
            co_await go_to_pool();
            off_strand += std::this_thread::get_id() != strand ? 1 : 0;
            co_return text;
        });
        service->on("roam_and_throw", [this](const std::string& text) -> asio::awaitable<void> {
            co_await go_to_pool();
            throw std::runtime_error(text);
        });
        service->on("roam_and_say_nothing", [this]() -> asio::awaitable<void> { co_await go_to_pool(); });
        service->on_notify("roam", [this](const std::string&) -> asio::awaitable<void> {
            co_await go_to_pool();
            ++off_strand;
        });
        service->on("length", [this](task_context& call, std::string text) -> asio::awaitable<int> {
            const auto home = std::this_thread::get_id();
            auto measure = [this, home, text] {
                off_strand += std::this_thread::get_id() != home ? 1 : 0;
                return static_cast<int>(text.size());
            };
            const auto length = co_await call.run_on(pool, measure);
            if (std::this_thread::get_id() != home) throw std::logic_error("not back on the strand");
            co_return length;
        });
        service->on("fail_elsewhere", [this](task_context& call) -> asio::awaitable<void> {
            co_await call.run_on(pool, [] { throw std::runtime_error("it went wrong over there"); });
        });
        service->on("compute", [this](task_context& call) -> asio::awaitable<std::string> {
            co_return co_await call.run_on(pool, [this](const std::stop_token& stop) {
                begun.set_value();
                may_go_on.get_future().wait();
                stops_seen += stop.stop_requested() ? 1 : 0;
                return std::string("as far as it got");
            });
        });
        service->on("echo", echo_task);
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(other_executors, other_executors_fixture)

BOOST_AUTO_TEST_CASE(a_handler_that_comes_back_on_another_thread_answers_all_the_same) {
    settings.send_exception_text = true;
    serve();
    auto c = join();
    std::vector<spawned<result<std::string>>> calls;
    for (int i = 0; i != 64; ++i) calls.push_back(begin<std::string>(c, "roam", std::to_string(i)));
    for (int i = 0; i != 64; ++i) {
        run_until([&] { return calls[static_cast<std::size_t>(i)].done(); });
        BOOST_TEST(value_of(calls[static_cast<std::size_t>(i)].get()) == std::to_string(i));
    }
    BOOST_TEST(off_strand == 64);
    auto thrown = begin(c, "roam_and_throw", "over there");
    run_until([&] { return thrown.done(); });
    const auto why = thrown.get();
    BOOST_TEST((outcome(why) == "task_failed" && why.error().detail == "over there"));
    auto nothing = begin(c, "roam_and_say_nothing");
    run_until([&] { return nothing.done(); });
    BOOST_TEST(nothing.get().has_value());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_notification_handler_may_come_back_on_another_thread) {
    serve();
    auto c = join();
    for (int i = 0; i != 16; ++i) BOOST_TEST(c.notify("roam", "x").has_value());
    run_until([&] { return off_strand == 16; });
    BOOST_TEST(value_of(run([&] { return c.call<std::string>("echo", "on"); })) == "on");
    leave(c);
}

BOOST_AUTO_TEST_CASE(run_on_computes_elsewhere_and_resumes_on_the_strand) {
    serve();
    auto c = join();
    auto call = begin<int>(c, "length", "eleven char");
    run_until([&] { return call.done(); });
    BOOST_TEST(value_of(call.get()) == 11);
    BOOST_TEST(off_strand == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_a_function_throws_elsewhere_is_thrown_here) {
    settings.send_exception_text = true;
    serve();
    auto c = join();
    auto call = begin(c, "fail_elsewhere");
    run_until([&] { return call.done(); });
    const auto why = call.get();
    BOOST_TEST((outcome(why) == "task_failed" && why.error().detail == "it went wrong over there"));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_asks_its_function_to_stop_and_waits_for_it) {
    serve();
    auto c = join();
    auto call = begin<std::string>(c, with_timeout(100ms), "compute");
    settle();
    begun.get_future().wait();
    clock.advance(100ms);
    settle();
    BOOST_TEST(call.done());
    BOOST_TEST(outcome(call.get()) == "deadline_exceeded");
    BOOST_TEST(stats().running_calls == 1U);  // it waits for its function
    may_go_on.set_value();
    run_until([&] { return stats().running_calls == 0U; });
    BOOST_TEST(stops_seen == 1);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
