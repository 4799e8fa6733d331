// The latency of `$ping`, once per millisecond, on a connection that is idle or transfers a large call meanwhile.
#include "arguments.hpp"
#include "cli/load/load.hpp"
#include "cli/load/timing.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstdio>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace echosocket;
using namespace std::chrono_literals;

struct outcome {
    explicit outcome(const bench::arguments& given)
        : transfer_size(given.number("transfer", 0)),
          measured_from(load::now_ns() + milliseconds(given.number("warm-up", 100))),
          until(measured_from + milliseconds(given.number("duration", 1'000))) {}

    static std::int64_t milliseconds(std::size_t count) { return static_cast<std::int64_t>(count) * 1'000'000; }

    [[nodiscard]] bool over() const { return load::now_ns() >= until; }

    std::size_t transfer_size;  // bytes of the call beside the pings; 0 if there is none
    std::int64_t measured_from;
    std::int64_t until;
    bool transferring = false;
    load::report pings;
};

asio::awaitable<void> transfer(client server, std::string body, outcome& so_far) {
    const auto size = std::to_string(body.size());
    encoded_body encoded{std::move(body)};
    const auto reply = co_await server.call_raw("size", std::move(encoded));
    if (!reply || reply->body != size) ++so_far.pings.wrong;
    so_far.transferring = false;
}

/// Pings while the transfer runs, or once if there is none.
asio::awaitable<void> ping_beside(client server, outcome& so_far) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const std::string body(8, 'p');
    do {
        const auto began = load::now_ns();
        const auto reply = co_await server.call<std::string>("$ping", body);
        if (!reply || *reply != body) ++so_far.pings.wrong;
        if (began >= so_far.measured_from)
            so_far.pings.latency.record(static_cast<std::uint64_t>(load::now_ns() - began));
        timer.expires_after(1ms);
        co_await timer.async_wait(asio::use_awaitable);
    } while (so_far.transferring);
}

asio::awaitable<void> work(const bench::arguments& given, outcome& so_far) {
    client_config config;
    config.limits.max_message = 128 * 1024 * 1024;
    auto server = co_await client::connect(given.text("address"), config);
    if (!server) {
        std::fprintf(stderr, "ping: %s\n", server.error().message().c_str());
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    while (!so_far.over()) {
        if (so_far.transfer_size > 0) {
            so_far.transferring = true;
            std::string body(so_far.transfer_size, 'e');  // made while no ping is in flight
            asio::co_spawn(executor, transfer(*server, std::move(body), so_far), asio::detached);
        }
        co_await ping_beside(*server, so_far);
    }
    co_await server->close();
}

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    outcome so_far(given);
    asio::io_context io(1);
    asio::co_spawn(io, work(given, so_far), asio::detached);
    io.run();
    so_far.pings.answers = so_far.pings.latency.count();
    so_far.pings.took = std::chrono::nanoseconds(so_far.until - so_far.measured_from);
    std::puts(load::to_json(so_far.pings, true).c_str());
    return so_far.pings.all_right() && so_far.pings.answers > 0 ? 0 : 1;
}
