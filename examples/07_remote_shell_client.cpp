// An interactive client of `execute`: each line runs a program on the server, for at most two seconds.
//
//     remote_shell_client [ADDRESS]
#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

asio::awaitable<int> shell(std::string address) {
    auto client = co_await es::client::connect(address);
    if (!client) {
        std::cerr << client.error().message() << '\n';
        co_return 2;
    }
    std::string line;
    while (std::cout << client->server_name() << "$ " << std::flush && std::getline(std::cin, line)) {
        es::call_options patience{.timeout = 2s};
        auto output = co_await client->call<std::string>(patience, "execute", line);
        if (output) {
            std::cout << *output;
        } else {
            std::cout << output.error().message() << '\n';
        }
    }
    co_await client->close();
    co_return 0;
}

int main(int argc, char** argv) {
    asio::io_context io;
    auto exit_code = asio::co_spawn(io, shell(argc > 1 ? argv[1] : "127.0.0.1:8080"), asio::use_future);
    io.run();
    return exit_code.get();
}
