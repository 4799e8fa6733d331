// A server with two tasks, one a plain function and one a lambda.
//
//     echo_server [ADDRESS]        ADDRESS is host:port or unix:/path
#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

std::string reverse(std::string text) {
    std::ranges::reverse(text);
    return text;
}

int main(int argc, char** argv) {
    asio::io_context io;
    es::server server{io.get_executor(), {.name = "Master", .listen = {argc > 1 ? argv[1] : "127.0.0.1:8080"}}};
    server.on(
        "echo", [](std::string text) { return text; }, "Answers what it was given");
    server.on("reverse", reverse, "Answers the bytes in reverse order");

    if (auto listening = server.listen(); !listening) {
        std::cerr << listening.error().message() << '\n';
        return 1;
    }
    std::cout << "listening on " << server.addresses().front() << std::endl;
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
}
