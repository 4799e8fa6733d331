// A whole server, to measure what a user's own file costs to compile; compared with hello_asio.cpp.
#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <string>

int main() {
    boost::asio::io_context io;
    echosocket::server server{io.get_executor(), {.port = 8080}};
    server.on("hello", [](std::string name) { return "Hello, " + name; });
    boost::asio::co_spawn(io, server.run(), boost::asio::detached);
    io.run();
}
