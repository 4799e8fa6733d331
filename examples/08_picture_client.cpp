// An interactive client of `draw`: each line names a shape; the pictures are saved as files.
//
//     picture_client [ADDRESS]
#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <fstream>
#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

asio::awaitable<int> gallery(std::string address) {
    auto client = co_await es::client::connect(address);
    if (!client) {
        std::cerr << client.error().message() << '\n';
        co_return 2;
    }
    int pictures = 0;
    std::string shape;
    while (std::cout << "shape? " << std::flush && std::getline(std::cin, shape)) {
        auto svg = co_await client->call<std::string>("draw", shape);
        if (!svg) {
            std::cout << svg.error().message() << '\n';
            continue;
        }
        const auto file = "picture-" + std::to_string(++pictures) + ".svg";
        std::ofstream{file} << *svg;
        std::cout << "a " << shape << " is in " << file << '\n';
    }
    co_await client->close();
    co_return 0;
}

int main(int argc, char** argv) {
    asio::io_context io;
    auto exit_code = asio::co_spawn(io, gallery(argc > 1 ? argv[1] : "127.0.0.1:8080"), asio::use_future);
    io.run();
    return exit_code.get();
}
