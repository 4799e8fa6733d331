// A server and a client in one process, over TCP: enough to need every part of the library.
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

asio::awaitable<void> talk(echosocket::server& server, std::string& said) {
    auto client = co_await echosocket::client::connect(server.addresses().front());
    if (client) {
        auto reply = co_await client->call<std::string>("greet", "app", 2);
        said = reply ? *reply : reply.error().message();
        co_await client->close();
    }
    server.stop();
}

int main() {
    asio::io_context io;
    echosocket::server server{io.get_executor()};
    server.on("greet", [](std::string name, int times) {
        std::string greeting;
        for (int n = 0; n < times; ++n) greeting += "hello " + name + '\n';
        return greeting;
    });
    if (!server.listen()) return 2;
    std::string said;
    asio::co_spawn(io, server.run(), asio::detached);
    asio::co_spawn(io, talk(server, said), asio::detached);
    io.run();
    std::cout << said;
    return said == "hello app\nhello app\n" ? 0 : 1;
}
