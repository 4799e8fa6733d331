// A transport over a system socket: TCP over IPv4 or IPv6, or a Unix socket.
#pragma once

#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

namespace echosocket::net {

using stream_socket = asio::generic::stream_protocol::socket;
using stream_endpoint = asio::generic::stream_protocol::endpoint;

/// `127.0.0.1:4711`, `[::1]:4711`, `unix:/path`; `unix:` for the unnamed end of a Unix socket.
[[nodiscard]] std::string to_string(const stream_endpoint& endpoint);

/// Makes a socket send small frames at once and detect a dead peer: keepalive after 60 s, every 10 s, 3 times; 30 s for
/// unacknowledged data. Does nothing for Unix sockets. On Linux, connections inherit these options from their listening
/// socket.
void set_tcp_options(int descriptor, int family) noexcept;

/// A connected socket as a transport.
///
/// Stores only the socket, because thousands of idle connections each have one.
class socket_transport final : public transport {
public:
    explicit socket_transport(stream_socket&& connected) noexcept : socket_(std::move(connected)) {}

    [[nodiscard]] asio::awaitable<boost::system::error_code> wait_readable() override;
    [[nodiscard]] asio::awaitable<boost::system::error_code> wait_writable() override;
    /// `wait_readable()` without a coroutine frame of its own: faster, and no memory while idle.
    [[nodiscard]] auto until_readable() {
        return socket_.async_wait(asio::socket_base::wait_read, asio::as_tuple(asio::deferred));
    }
    io_result read_some(asio::mutable_buffer into) override;
    io_result write_some(std::span<const asio::const_buffer> from) override;
    /// Makes the kernel accept at most 32 KiB beyond what it can send at once, so that later frames do not wait behind
    /// megabytes. Costs throughput if only large frames are sent.
    void limit_unsent() noexcept;
    void shutdown_send() override;
    void close() override;
    [[nodiscard]] std::string remote_address() const override;

private:
    stream_socket socket_;
};

}  // namespace echosocket::net
