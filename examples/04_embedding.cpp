// A server inside a program that has its own io_context and work, with a client in the same process.
//
//     embedding
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

asio::awaitable<void> measure(asio::io_context& io, double& temperature) {
    asio::steady_timer timer{io};
    for (int reading = 1; reading <= 3; ++reading) {
        timer.expires_after(10ms);
        co_await timer.async_wait(asio::use_awaitable);
        temperature += 0.5;
        std::cout << "measured " << temperature << std::endl;
    }
}

asio::awaitable<void> watch(es::server& server) {
    auto client = co_await es::client::connect(server.addresses().front());
    if (!client) co_return server.stop();
    double seen = 0;
    while (seen < 21.5) {
        auto reply = co_await client->call<double>("wait_for_change", seen);
        if (!reply) break;
        seen = *reply;
        std::cout << "client sees " << seen << std::endl;
    }
    co_await client->close();
    server.stop();
}

int main() {
    asio::io_context io;
    double temperature = 20;
    es::server server{io.get_executor(), {.name = "Thermometer"}};
    server.on("wait_for_change", [&](es::task_context& call, double seen) -> asio::awaitable<double> {
        while (temperature <= seen) co_await call.sleep_for(1ms);
        co_return temperature;
    });
    if (!server.listen()) return 1;
    asio::co_spawn(io, measure(io, temperature), asio::detached);
    asio::co_spawn(io, server.run(), asio::detached);
    asio::co_spawn(io, watch(server), asio::detached);
    io.run();  // one thread runs all three
}
