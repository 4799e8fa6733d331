// A typical hand-written Boost.Asio server: one coroutine per connection that reads a header, reads the rest, writes.
#include "serving.hpp"
#include "wire/frame.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace wire = echosocket::wire;
using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
    std::array<char, wire::header_size> header;
    std::vector<char> rest;
    try {
        for (;;) {
            co_await asio::async_read(socket, asio::buffer(header), use_awaitable);
            const std::size_t size = wire::load<std::uint32_t>(header.data()) + wire::length_size - header.size();
            const std::size_t meta_size = wire::load<std::uint16_t>(header.data() + 6);
            const auto id = wire::load<std::uint32_t>(header.data() + 8);
            rest.resize(size);
            co_await asio::async_read(socket, asio::buffer(rest), use_awaitable);

            auto kind = static_cast<wire::frame_kind>(header[4]);
            if (kind == wire::frame_kind::request) kind = wire::frame_kind::response;
            wire::write_header(header.data(), kind, 0, id, 0, size - meta_size);
            const std::array<asio::const_buffer, 2> answer{asio::buffer(header), asio::buffer(rest) + meta_size};
            co_await asio::async_write(socket, answer, use_awaitable);
        }
    } catch (const boost::system::system_error&) {  // the client has gone
    }
}

asio::awaitable<void> listen() {
    const auto executor = co_await asio::this_coro::executor;
    tcp::acceptor acceptor(executor, {asio::ip::address_v4::loopback(), 0});
    echosocket::bench::announce(acceptor.local_endpoint().port());
    for (;;) {
        auto socket = co_await acceptor.async_accept(use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(executor, serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main() {
    asio::io_context io(1);
    asio::co_spawn(io, listen(), asio::detached);
    io.run();
}
