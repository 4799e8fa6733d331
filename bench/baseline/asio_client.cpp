// A typical hand-written Boost.Asio client: a coroutine that writes a request and reads the answer, one after the
// other.
#include "calls.hpp"
#include "wire/hello.hpp"

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

namespace {

namespace asio = boost::asio;
using namespace echosocket;
using asio::use_awaitable;

constexpr std::string_view meta("\1\4\0echo", 7);

asio::awaitable<void> exchange_hello(asio::ip::tcp::socket& socket) {
    std::string hello;
    wire::append_hello(hello, {.name = "asio client"});
    co_await asio::async_write(socket, asio::buffer(hello), use_awaitable);
    co_await asio::async_read(socket, asio::buffer(hello), use_awaitable);  // the raw server echoes it
}

asio::awaitable<void> call(asio::ip::tcp::socket& socket, std::size_t size, bench::call_log& log) {
    std::array<char, wire::header_size> header;
    std::string body(size, 'e');
    std::string answer(size, '\0');
    for (std::uint32_t id = 1; !log.over(); id += 2) {
        const auto began = log.begin();
        std::memcpy(body.data(), &id, sizeof id);
        wire::write_header(header.data(), wire::frame_kind::request, 0, id, meta.size(), body.size());
        const std::array<asio::const_buffer, 3> request{asio::buffer(header), asio::buffer(meta), asio::buffer(body)};
        co_await asio::async_write(socket, request, use_awaitable);
        const std::array<asio::mutable_buffer, 2> reply{asio::buffer(header), asio::buffer(answer)};
        co_await asio::async_read(socket, reply, use_awaitable);
        log.end(began, wire::load<std::uint32_t>(header.data() + 8) == id && answer == body);
    }
}

asio::awaitable<void> work(const bench::arguments& given, int& status) {
    const auto address = given.text("address");
    const auto port = std::stoul(address.substr(address.rfind(':') + 1));
    asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
    co_await socket.async_connect(server, use_awaitable);
    socket.set_option(asio::ip::tcp::no_delay(true));
    co_await exchange_hello(socket);
    bench::call_log log(given);
    co_await call(socket, given.number("payload", 64), log);
    status = log.print();
}

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    int status = 1;
    asio::io_context io(1);
    asio::co_spawn(io, work(given, status), asio::detached);
    io.run();
    return status;
}
