#include "io/socket_transport.hpp"

#include "io/address.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace echosocket::net {
namespace {

using boost::system::error_code;

// More buffers than this are left for the next call; enough that a batch of replies is rarely split.
constexpr std::size_t max_buffers = 64;

// Bytes that the kernel accepts beyond what it can send at once; later frames wait behind them.
constexpr int unsent_bytes = 32 * 1024;

/// Repeats the call while a signal interrupts it.
template <class Call>
io_result move_bytes(Call call) noexcept {
    for (;;) {
        const auto moved = call();
        if (moved >= 0) return {{}, static_cast<std::size_t>(moved)};
        if (errno != EINTR) return {error_code(errno, asio::error::get_system_category()), 0};
    }
}

void set_option(int descriptor, int level, int name, int value) noexcept {
    (void)::setsockopt(descriptor, level, name, &value, sizeof(value));
}

std::string unix_name(const stream_endpoint& endpoint) {
    sockaddr_un name{};
    std::memcpy(&name, endpoint.data(), std::min(endpoint.size(), sizeof(name)));
    const auto longest = endpoint.size() - std::min(endpoint.size(), offsetof(sockaddr_un, sun_path));
    return "unix:" + std::string(name.sun_path, ::strnlen(name.sun_path, longest));
}

// Not through printf, because every connection has such an address.
std::string v4_name(const stream_endpoint& endpoint) {
    sockaddr_in name{};
    std::memcpy(&name, endpoint.data(), sizeof(name));
    const auto ip = ntohl(name.sin_addr.s_addr);
    std::string text;
    text.reserve(std::string_view("255.255.255.255:65535").size());
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string((ip >> shift) & 0xff);
        text += shift == 0 ? ':' : '.';
    }
    return text += std::to_string(ntohs(name.sin_port));
}

asio::awaitable<error_code> wait(stream_socket& socket, asio::socket_base::wait_type type) {
    const auto token = asio::as_tuple(asio::deferred);
    auto operation = socket.async_wait(type, token);
    const auto [error] = co_await std::move(operation);
    co_return error;
}

}  // namespace

std::string to_string(const stream_endpoint& endpoint) {
    if (endpoint.protocol().family() == AF_UNIX) return unix_name(endpoint);
    if (endpoint.protocol().family() == AF_INET && endpoint.size() >= sizeof(sockaddr_in)) return v4_name(endpoint);
    asio::ip::tcp::endpoint ip;
    if (endpoint.size() > ip.capacity()) return {};
    std::memcpy(ip.data(), endpoint.data(), endpoint.size());
    return to_string(address{.host = ip.address().to_string(), .port = ip.port()});
}

void set_tcp_options(int descriptor, int family) noexcept {
    if (family == AF_UNIX) return;
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

asio::awaitable<error_code> socket_transport::wait_readable() {
    return wait(socket_, asio::socket_base::wait_read);
}
asio::awaitable<error_code> socket_transport::wait_writable() {
    return wait(socket_, asio::socket_base::wait_write);
}

io_result socket_transport::read_some(asio::mutable_buffer into) {
    const auto descriptor = socket_.native_handle();
    auto outcome = move_bytes([&] { return ::recv(descriptor, into.data(), into.size(), MSG_DONTWAIT); });
    if (!outcome.error && outcome.bytes == 0 && into.size() != 0) outcome.error = asio::error::eof;
    return outcome;
}

io_result socket_transport::write_some(std::span<const asio::const_buffer> from) {
    const auto descriptor = socket_.native_handle();
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (from.size() == 1) return move_bytes([&] { return ::send(descriptor, from[0].data(), from[0].size(), flags); });
    std::array<iovec, max_buffers> parts;
    const auto count = std::min(from.size(), parts.size());
    for (std::size_t i = 0; i != count; ++i) parts[i] = {const_cast<void*>(from[i].data()), from[i].size()};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return move_bytes([&] { return ::sendmsg(descriptor, &message, flags); });
}

void socket_transport::limit_unsent() noexcept {
    set_option(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes);  // fails on a Unix socket
}

void socket_transport::shutdown_send() {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void socket_transport::close() {
    error_code ignored;
    socket_.close(ignored);
}

std::string socket_transport::remote_address() const {
    error_code error;
    auto endpoint = socket_.remote_endpoint(error);
    // An accepted Unix socket has a name only at this end.
    if (!error && endpoint.protocol().family() == AF_UNIX && endpoint.size() <= offsetof(sockaddr_un, sun_path))
        endpoint = socket_.local_endpoint(error);
    return error ? std::string() : to_string(endpoint);
}

}  // namespace echosocket::net
