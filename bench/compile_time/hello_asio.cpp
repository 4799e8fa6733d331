// A plain coroutine echo server as in Boost.Asio's own examples, including equally few headers.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
    std::array<char, 1024> bytes;
    try {
        for (;;) {
            const auto size = co_await socket.async_read_some(asio::buffer(bytes), use_awaitable);
            co_await asio::async_write(socket, asio::buffer(bytes, size), use_awaitable);
        }
    } catch (const boost::system::system_error&) {  // the client has gone
    }
}

asio::awaitable<void> listen() {
    auto executor = co_await asio::this_coro::executor;
    tcp::acceptor acceptor(executor, {tcp::v4(), 8080});
    for (;;) {
        auto socket = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(executor, serve(std::move(socket)), asio::detached);
    }
}

int main() {
    asio::io_context io(1);
    asio::co_spawn(io, listen(), asio::detached);
    io.run();
}
