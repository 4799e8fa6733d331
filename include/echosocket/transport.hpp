// The byte stream under a connection: TCP, a Unix socket, memory. Users and tests may implement their own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace echosocket {

namespace asio = boost::asio;

/// The outcome of one non-blocking read or write.
struct io_result {
    boost::system::error_code error;  ///< `would_block` if nothing could be moved now, `eof` at the end.
    std::size_t bytes = 0;
};

/// A reliable, ordered stream of bytes: non-blocking reads and writes, and waits for readiness.
///
/// Waiting is separate from reading so that an idle connection needs no buffer.
///
/// Thread safety: none; all calls come from one strand. At most one `wait_readable` and one `wait_writable` are
/// outstanding, possibly at the same time.
/// Errors: what a member throws goes to the log and ends the connection with `connection_closed`.
/// Cancellation: `close()` ends outstanding waits; so does cancellation of the awaiting coroutine.
class transport {
public:
    virtual ~transport() = default;

    [[nodiscard]] virtual asio::awaitable<boost::system::error_code> wait_readable() = 0;
    [[nodiscard]] virtual asio::awaitable<boost::system::error_code> wait_writable() = 0;
    virtual io_result read_some(asio::mutable_buffer into) = 0;
    virtual io_result write_some(std::span<const asio::const_buffer> from) = 0;

    /// Ends the sending direction: the other end reads everything written before, then `eof`.
    virtual void shutdown_send() = 0;
    virtual void close() = 0;

    /// The other end's address for people: `127.0.0.1:4711`, `unix:/path`, `memory`.
    [[nodiscard]] virtual std::string remote_address() const = 0;
};

}  // namespace echosocket
