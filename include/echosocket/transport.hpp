// The bytes under a connection: TCP, a Unix socket, memory. A seam that users and tests may fill themselves.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace echosocket {

namespace asio = boost::asio;

/// What one non-blocking read or write came to.
struct io_result {
    boost::system::error_code error;  ///< `would_block` where nothing could be moved now, `eof` at the end.
    std::size_t bytes = 0;
};

/// A reliable, ordered stream of bytes: non-blocking moves, and waits for the next one to make sense.
///
/// Waiting apart from reading is what lets a connection hold no buffer while it is idle.
///
/// Thread safety: none; all calls come from one strand. At most one `wait_readable` and one `wait_writable` are
/// outstanding at a time, and they may be outstanding together.
/// Cancellation: `close()` ends outstanding waits; the waits also honour the awaiting coroutine's cancellation.
class transport {
public:
    virtual ~transport() = default;

    [[nodiscard]] virtual asio::awaitable<boost::system::error_code> wait_readable() = 0;
    [[nodiscard]] virtual asio::awaitable<boost::system::error_code> wait_writable() = 0;
    virtual io_result read_some(asio::mutable_buffer into) = 0;
    virtual io_result write_some(std::span<const asio::const_buffer> from) = 0;

    /// Ends the sending direction; the other side reads to the end of what was written, then `eof`.
    virtual void shutdown_send() = 0;
    virtual void close() = 0;

    /// The other end, printable: `127.0.0.1:4711`, `unix:/path`, `memory`.
    [[nodiscard]] virtual std::string remote_address() const = 0;
};

}  // namespace echosocket
