// Calls and notifications that other threads hand to a connection, at the moments at which such a thread is
// interrupted, or finds no memory.
#include "integration/service_fixture.hpp"
#include "support/held_up_executor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <functional>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct handing_over_fixture : service_fixture {
    std::shared_ptr<std::function<void()>> before_post = std::make_shared<std::function<void()>>();
    asio::thread_pool elsewhere{1};
    std::string heard;

    handing_over_fixture() {
        make().on("echo", echo_task);
        service->on_notify("said", [this](const std::string& what) { heard += what; });
        start();
    }
    ~handing_over_fixture() { finish(); }

    /// A client whose connection posts through `before_post`.
    client join_held_up() {
        auto connecting = asio::co_spawn(held_up_executor(io, before_post), client::connect(*service, client_settings),
                                         asio::use_future);
        settle();
        return value_of(connecting.get());
    }
    /// From another thread than the connection's.
    std::future<result<std::string>> call_elsewhere(client& c, std::string text) {
        return asio::co_spawn(elsewhere, c.call<std::string>("echo", std::move(text)), asio::use_future);
    }
    result<std::string> come_in(std::future<result<std::string>> call) {
        do {
            settle();
        } while (call.wait_for(1ms) != std::future_status::ready);
        return call.get();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(handing_over, handing_over_fixture)

BOOST_AUTO_TEST_CASE(a_cancel_that_overtakes_the_handing_over_of_its_call_ends_it_once) {
    auto c = join_held_up();
    std::promise<void> interrupted;
    std::promise<void> may_go_on;
    *before_post = [&, home = std::this_thread::get_id()] {
        if (std::this_thread::get_id() == home) return;
        interrupted.set_value();
        may_go_on.get_future().wait();
    };
    // Its thread has put it into the inbox, and has not posted yet.
    auto first = call_elsewhere(c, "first");
    interrupted.get_future().wait();
    // So this one, which comes behind it, leaves the post to that thread.
    auto second = begin<std::string>(c, "echo", "second");
    BOOST_TEST(!second.done());
    second.cancel();
    settle();
    BOOST_TEST_REQUIRE(second.done());
    BOOST_TEST(outcome(second.get()) == "cancelled");
    may_go_on.set_value();
    BOOST_TEST(value_of(come_in(std::move(first))) == "first");
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "third")) == "third");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_whose_thread_finds_no_memory_to_post_fails_and_holds_up_no_other) {
    auto c = join_held_up();
    *before_post = [home = std::this_thread::get_id()] {
        if (std::this_thread::get_id() != home) throw std::bad_alloc();
    };
    const auto failed = come_in(call_elsewhere(c, "lost"));
    BOOST_TEST(outcome(failed) == "overloaded");
    *before_post = nullptr;
    BOOST_TEST(value_of(come_in(call_elsewhere(c, "next"))) == "next");
    leave(c);
}

BOOST_AUTO_TEST_CASE(notifications_whose_thread_finds_no_memory_to_post_go_with_the_next_one) {
    auto c = join_held_up();
    *before_post = [] { throw std::bad_alloc(); };
    BOOST_TEST(c.notify("said", "a").has_value());
    BOOST_TEST(c.notify("said", "b").has_value());
    *before_post = nullptr;
    BOOST_TEST(c.notify("said", "c").has_value());
    settle();
    BOOST_TEST(heard == "abc");
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
