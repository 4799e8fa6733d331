// Handles that are kept for longer than the io_context that they were made on.
#include "support/io_fixture.hpp"

#include <echosocket/client.hpp>
#include <echosocket/client_pool.hpp>
#include <echosocket/server.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <optional>
#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// What a call comes to that is made on an io_context of its own.
template <class Handle>
std::string call_elsewhere(const Handle& handle) {
    asio::io_context elsewhere;
    auto reply = asio::co_spawn(
        elsewhere,
        [&]() -> asio::awaitable<std::string> {
            auto answer = co_await handle.template call<std::string>("echo", std::string("still there?"));
            co_return answer ? *answer : std::string(name_of(answer.error().code));
        },
        asio::use_future);
    elsewhere.run();
    return reply.wait_for(0s) == std::future_status::ready ? reply.get() : "no answer";
}

/// A server, and whatever a test keeps for longer than the io_context.
struct short_lived {
    asio::io_context io;
    server service{io.get_executor(), {.listen = {"127.0.0.1:0"}}};
    std::optional<peer> caller;

    short_lived() {
        service.on("echo", [](const std::string& text) { return text; });
        service.on("come_back", [this](task_context& call) {
            caller = call.peer();
            return "yes";
        });
        service.on("wait", [](task_context& call) { return call.sleep_for(1h); });
        service.on("wait for stop", [](task_context& call) { return call.stopping().wait(); });
        service.on("double",
                   [](task_context& call, source<std::string>& in, sink<std::string>& out) -> asio::awaitable<void> {
                       (void)co_await out.send("first");
                       while (co_await in.next()) co_await call.sleep_for(0s);
                   });
        BOOST_REQUIRE(service.listen());
        asio::co_spawn(io, service.run(), asio::detached);
    }

    template <class Function>
    void run(Function function) {
        bool done = false;
        asio::co_spawn(io, std::move(function), [&](std::exception_ptr thrown) {
            BOOST_TEST(!thrown);
            done = true;
        });
        while (!done && io.run_one_for(patience) != 0) {
        }
        BOOST_REQUIRE(done);
    }
    [[nodiscard]] std::string address() const { return service.addresses().front(); }
};

const client_config plain;

asio::awaitable<client> connected(std::string address, const client_config& config) {
    auto joined = co_await client::connect(std::move(address), config);
    BOOST_REQUIRE(joined);
    co_return std::move(*joined);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(context_end)

BOOST_AUTO_TEST_CASE(a_client_that_was_closed_outlives_its_context) {
    std::optional<client> c;
    {
        short_lived place;
        place.run([&]() -> asio::awaitable<void> {
            c = co_await connected(place.address(), plain);
            BOOST_TEST((co_await c->call<std::string>("echo", std::string("hello"))).value() == "hello");
            co_await c->close();
        });
        place.service.stop();
        place.io.run();
    }
    BOOST_TEST(!c->connected());
    BOOST_TEST(call_elsewhere(*c) == "connection_lost");
    BOOST_TEST((c->notify("news").error().code == errc::connection_lost));
}

BOOST_AUTO_TEST_CASE(a_client_that_was_not_closed_outlives_its_context) {
    std::optional<client> c;
    std::optional<client> reconnecting;
    {
        short_lived place;
        place.run([&]() -> asio::awaitable<void> {
            c = co_await connected(place.address(), plain);
            client_config again;
            again.reconnect.enabled = true;
            reconnecting = co_await connected(place.address(), again);
            BOOST_TEST((co_await c->call<std::string>("echo", std::string("hello"))).value() == "hello");
        });
    }
    BOOST_TEST((!c->connected() && c->state() == client_state::closed));
    BOOST_TEST(call_elsewhere(*c) == "connection_lost");
    BOOST_TEST(call_elsewhere(*reconnecting) == "connection_lost");
    BOOST_TEST((c->notify("news").error().code == errc::connection_lost));
}

BOOST_AUTO_TEST_CASE(a_peer_outlives_its_context) {
    std::optional<peer> caller;
    {
        short_lived place;
        std::optional<client> c;
        place.run([&]() -> asio::awaitable<void> {
            c = co_await connected(place.address(), plain);
            BOOST_TEST((co_await c->call<std::string>("come_back")).value() == "yes");
        });
        caller = place.caller;
        BOOST_TEST(caller->connected());
    }
    BOOST_TEST(!caller->connected());
    BOOST_TEST(call_elsewhere(*caller) == "connection_lost");
    BOOST_TEST((caller->notify("news").error().code == errc::connection_lost));
    caller->close();
}

BOOST_AUTO_TEST_CASE(a_pool_of_clients_outlives_its_context) {
    std::optional<client_pool> pool;
    {
        short_lived place;
        place.run([&]() -> asio::awaitable<void> {
            auto joined = co_await client_pool::connect(place.address());
            BOOST_REQUIRE(joined);
            pool = std::move(*joined);
        });
    }
    BOOST_TEST(call_elsewhere(*pool) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(calls_that_run_when_the_context_ends_are_let_go) {
    std::optional<client> c;
    std::future<std::string> elsewhere;
    asio::io_context other;
    {
        short_lived place;
        place.run([&]() -> asio::awaitable<void> { c = co_await connected(place.address(), plain); });
        asio::co_spawn(
            place.io, [&]() -> asio::awaitable<void> { (void)co_await c->call("wait"); }, asio::detached);
        elsewhere = asio::co_spawn(
            other,
            [&]() -> asio::awaitable<std::string> {
                auto answer = co_await c->call("wait");
                co_return std::string(name_of(answer.error().code));
            },
            asio::use_future);
        other.poll();
        for (bool both = false; !both;) {
            place.run([&]() -> asio::awaitable<void> { both = (co_await place.service.stats()).running_calls == 2U; });
        }
    }
    other.restart();
    other.run();
    BOOST_TEST(elsewhere.get() == "connection_lost");
}

BOOST_AUTO_TEST_CASE(handlers_that_wait_for_a_stop_when_the_context_ends_are_let_go) {
    std::optional<client> c;
    {
        short_lived place;
        place.run([&]() -> asio::awaitable<void> { c = co_await connected(place.address(), plain); });
        asio::co_spawn(
            place.io, [&]() -> asio::awaitable<void> { (void)co_await c->call("wait for stop"); }, asio::detached);
        for (bool runs = false; !runs;) {
            place.run([&]() -> asio::awaitable<void> { runs = (co_await place.service.stats()).running_calls == 1U; });
        }
    }
    BOOST_TEST(call_elsewhere(*c) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(a_stream_outlives_its_context) {
    std::optional<stream_call<void, std::string, std::string>> call;
    {
        short_lived place;
        std::optional<client> c;
        place.run([&]() -> asio::awaitable<void> {
            c = co_await connected(place.address(), plain);
            call = c->open<void, std::string, std::string>("double");
            BOOST_TEST((co_await call->in().next()).value().value() == "first");
        });
    }
    asio::io_context elsewhere;
    auto outcomes = asio::co_spawn(
        elsewhere,
        [&]() -> asio::awaitable<std::string> {
            const auto item = co_await call->in().next();
            const auto sent = co_await call->out().send("one more");
            const auto reply = co_await call->reply();
            co_return std::string(name_of(item.error().code)) + ' ' + std::string(name_of(sent.error().code)) + ' ' +
                std::string(name_of(reply.error().code));
        },
        asio::use_future);
    elsewhere.run();
    BOOST_TEST(outcomes.get() == "connection_lost connection_lost connection_lost");
}

BOOST_AUTO_TEST_SUITE_END()
