// Where connections come in.
#pragma once

#include "async/strand_event.hpp"
#include "io/address.hpp"
#include "io/listening_socket.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace echosocket::net {

/// A listening socket: TCP over IPv4 or IPv6 (never both by one), or a Unix socket.
///
/// Thread safety: none; `accept_loop` and `close` belong to one strand.
/// Lifetime: outlives its accept loop.
class listener {
public:
    /// Takes a connection that came; called on the accept loop's strand.
    using accepted_handler = std::function<void(std::unique_ptr<transport>)>;
    /// Hears that descriptors or memory ran out, and after what pause the next try comes.
    using exhausted_handler = std::function<void(boost::system::error_code, std::chrono::milliseconds pause)>;

    /// A host name that has several addresses is listened at on its first IPv4 one. The file of a Unix socket is
    /// replaced where nobody listens there any more. May block to resolve a name.
    ///
    /// Errors: `listen_failed`, `resolve_failed`, naming the address and the system's reason.
    [[nodiscard]] static result<std::unique_ptr<listener>> open(const asio::any_io_executor& executor,
                                                                const address& where, clock& time);

    listener(asio::any_io_executor executor, listening_socket socket, clock& time);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();

    /// As `client::connect` takes it: numeric, with the real port.
    [[nodiscard]] std::string local_address() const { return to_string(local_); }
    [[nodiscard]] std::uint16_t port() const noexcept { return local_.port; }  ///< 0 for a Unix socket.

    /// Accepts until `close()`. The connections belong to what lies beneath the listener's strand, so that each can
    /// have a strand of its own.
    ///
    /// Errors: none ends it; where descriptors or memory run out it pauses for 10 ms, then twice as long, up to 1 s.
    /// Cancellation: terminal; ends the loop, but leaves the listener open.
    [[nodiscard]] asio::awaitable<void> accept_loop(accepted_handler accepted, exhausted_handler exhausted = {});

    /// Ends the loop, which still has to run for that, and removes the file of a Unix socket.
    void close();

private:
    struct haul {
        std::size_t connections = 0;
        boost::system::error_code error;  ///< Why there were no more, but for want of some that wait.
    };

    haul accept_waiting(const accepted_handler& accepted);
    [[nodiscard]] asio::awaitable<bool> pause(std::chrono::milliseconds length);

    asio::any_io_executor base_;
    clock& time_;
    address local_;
    int family_;
    unix_file file_;
    asio::posix::stream_descriptor socket_;
    std::unique_ptr<alarm> alarm_;
    strand_event over_;
    bool closed_ = false;
};

}  // namespace echosocket::net
