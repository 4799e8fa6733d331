// Sends each line of its input to the task `echo` and prints the replies.
//
//     echo_client [ADDRESS]
#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

asio::awaitable<int> talk(std::string address) {
    auto client = co_await es::client::connect(address);
    if (!client) {
        std::cerr << client.error().message() << '\n';
        co_return 2;
    }
    std::cout << "connected to " << client->server_name() << std::endl;

    for (std::string line; std::getline(std::cin, line);) {
        auto reply = co_await client->call<std::string>("echo", line);
        std::cout << (reply ? *reply : reply.error().message()) << std::endl;
    }
    co_await client->close();
    co_return 0;
}

int main(int argc, char** argv) {
    asio::io_context io;
    auto exit_code = asio::co_spawn(io, talk(argc > 1 ? argv[1] : "127.0.0.1:8080"), asio::use_future);
    io.run();
    return exit_code.get();
}
