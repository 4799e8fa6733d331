// Calls through EchoSocket's client: several coroutines on one connection, each making one call at a time.
#include "calls.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace {

namespace asio = boost::asio;
using namespace echosocket;

struct outcome {
    explicit outcome(const bench::arguments& given) : log(given) {}

    bench::call_log log;
    std::uint64_t number = 0;
    std::size_t running = 0;
};

asio::awaitable<void> call_again_and_again(const client& server, outcome& calls, std::size_t size) {
    std::string body(size, 'e');
    for (auto began = calls.log.begin(); !calls.log.over(); began = calls.log.end_of_last()) {
        const auto number = ++calls.number;
        std::memcpy(body.data(), &number, std::min(size, sizeof number));
        const auto reply = co_await server.call<std::string>("echo", body);
        calls.log.end(began, reply && *reply == body);
    }
    if (--calls.running == 0) {
        client last = server;
        co_await last.close();
    }
}

asio::awaitable<void> call_so_often(client server, std::size_t calls) {
    const std::string body(64, 'e');
    for (std::size_t i = 0; i < calls; ++i) {
        const auto reply = co_await server.call<std::string>("echo", body);
        if (!reply || *reply != body) std::abort();
    }
    co_await server.close();
}

asio::awaitable<void> work(const bench::arguments& given, int& status) {
    auto server = co_await client::connect(given.text("address"));
    if (!server) {
        std::fprintf(stderr, "client: %s\n", server.error().message().c_str());
        co_return;
    }
    status = 0;
    if (const auto requests = given.number("requests", 0); requests > 0) {
        co_await call_so_often(*server, requests);
        co_return;
    }
    outcome calls(given);
    calls.running = given.number("depth", 1);
    const auto executor = co_await asio::this_coro::executor;
    for (std::size_t i = 1; i < given.number("depth", 1); ++i)
        asio::co_spawn(executor, call_again_and_again(*server, calls, given.number("payload", 64)), asio::detached);
    co_await call_again_and_again(*server, calls, given.number("payload", 64));
    const auto ended = co_await server->closed();  // closed by the last caller, after all have ended
    status = ended.code == errc::connection_closed ? calls.log.print() : 1;
}

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    int status = 2;
    asio::io_context io(1);
    asio::co_spawn(io, work(given, status), asio::detached);
    io.run();
    return status;
}
