// Accepts connections.
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

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace echosocket::net {

/// A listening socket: TCP over IPv4 or IPv6 (never both on one socket), or a Unix socket.
///
/// Thread safety: `accept_loop` and `close` must run on one strand; `stop_listening` may be called from anywhere.
/// Lifetime: must outlive its accept loop.
class listener {
public:
    /// Receives an accepted connection; called on the accept loop's strand.
    using accepted_handler = std::function<void(std::unique_ptr<transport>)>;
    /// Called when descriptors or memory have run out, with the pause before the next try.
    using exhausted_handler = std::function<void(boost::system::error_code, std::chrono::milliseconds pause)>;

    /// If a host name has several addresses, listens on its first IPv4 one. Replaces the file of a Unix socket if no
    /// process listens on it any longer. May block while it resolves a name.
    ///
    /// Errors: `listen_failed`, `resolve_failed`; the detail names the address and the system's reason.
    [[nodiscard]] static result<std::unique_ptr<listener>> open(const asio::any_io_executor& executor,
                                                                const address& where, clock& time);

    listener(asio::any_io_executor executor, listening_socket socket, clock& time);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();

    /// In the form that `client::connect` takes: numeric, with the real port.
    [[nodiscard]] std::string local_address() const { return to_string(local_); }
    [[nodiscard]] std::uint16_t port() const noexcept { return local_.port; }  ///< 0 for a Unix socket.

    /// Accepts until `close()`. The connections use the executor beneath the listener's strand, so that each can have a
    /// strand of its own.
    ///
    /// Errors: none ends it; if descriptors or memory run out, it pauses for 10 ms, then twice as long each time, up to
    /// 1 s.
    /// Cancellation: terminal; ends the loop but leaves the listener open.
    [[nodiscard]] asio::awaitable<void> accept_loop(accepted_handler accepted, exhausted_handler exhausted = {});

    /// Ends the loop, which still has to run to notice it, and removes the file of a Unix socket.
    void close();
    /// From any thread, also if nothing runs any more: the address is free for others, and the loop ends if it runs.
    void stop_listening() noexcept;

private:
    struct haul {
        std::size_t connections = 0;
        boost::system::error_code error;  ///< Set if accepting failed; not set if no connection was waiting.
    };

    haul accept_waiting(const accepted_handler& accepted);
    /// False if there is no further one for now.
    bool accept_one(const accepted_handler& accepted, haul& got);
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
    std::mutex closing_;  ///< Held while the socket is closed or shut.
    std::atomic<bool> stopped_ = false;
};

}  // namespace echosocket::net
