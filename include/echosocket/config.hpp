// Every knob, each with its default, its unit, and what it trades.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/handlers.hpp>
#include <echosocket/limits.hpp>
#include <echosocket/log.hpp>
#include <echosocket/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket {

class peer;

/// How a server presents itself and what it allows.
struct server_config {
    std::string name = "EchoSocket";    ///< Told to every client; 1 to 255 bytes of UTF-8.
    std::string host = "127.0.0.1";     ///< Where to listen, if `listen` is empty.
    std::uint16_t port = 0;             ///< 0 takes a free port; `server::port()` tells which.
    std::vector<std::string> listen{};  ///< `host:port`, `[v6]:port` or `unix:/path`, in place of `host` and `port`.

    echosocket::limits limits{};  ///< For each connection.
    std::size_t max_connections =
        10'000;                       ///< Above it new ones are refused; also bounded by the descriptor limit - 64.
    std::size_t max_per_address = 0;  ///< Connections from one IP address; 0 is no limit.
    std::size_t max_running_calls = 65'536;  ///< Over all connections; above it calls are answered `overloaded`.
    std::chrono::milliseconds max_deadline{300'000};  ///< Cap on a call's deadline, also for calls that name none.

    std::chrono::milliseconds call_timeout{30'000};  ///< For each call to a client that names none; 0 is none.

    queue_rules notifications{};  ///< For topics that `server::topic` says nothing of.
    /// May that client subscribe to that topic? The failure is what it is told. Nobody may where this is empty.
    std::function<result<void>(const peer&, std::string_view topic)> may_subscribe{};
    std::size_t remembered_calls = 10'000;  ///< Results kept for calls that carry an idempotency key; 0 keeps none.
    std::size_t remembered_bytes = 16 * 1024 * 1024;    ///< Of these results together.
    std::chrono::milliseconds remembered_for{300'000};  ///< How long a result is kept at least, but for these bounds.

    std::chrono::milliseconds drain_timeout{10'000};  ///< How long running calls may finish after `stop()`.
    std::chrono::milliseconds cancel_timeout{2'000};  ///< How long cancelled calls get before connections are closed.

    bool send_exception_text = false;  ///< Send the text of a handler's exception to the caller, not only to the log.
    bool allow_remote_stop = false;    ///< Offer the task `$stop`, by which any client can ask for the shutdown.

    log_sink log{};                              ///< Nowhere by default.
    echosocket::clock* clock = &steady_clock();  ///< Outlives the server.
};

/// How a client comes back after its connection was lost.
struct reconnect_policy {
    bool enabled = false;
    std::chrono::milliseconds first_delay{100};   ///< Before the second round of addresses; the first begins at once.
    std::chrono::milliseconds max_delay{30'000};  ///< Each delay is twice the one before it, up to this.
    unsigned jitter_percent = 50;                 ///< Each delay is shortened by a random part of itself, up to this.
    unsigned max_rounds = 0;  ///< Rounds through all addresses before the client gives up; 0 is no bound.
};

/// In which order a list of addresses is tried.
enum class address_order : std::uint8_t {
    listed,  ///< From the first one on, after a loss from the one behind that which was lost.
    random,  ///< Shuffled once by each client, so that many clients spread over many servers.
};

/// How a client stands with its server.
enum class client_state : std::uint8_t {
    connecting,  ///< Trying one address after the other.
    connected,
    waiting,  ///< For the next round of addresses.
    closed,   ///< For good: by `close()`, or since reconnecting is off or was given up.
};

/// A word for logs: `connected`.
[[nodiscard]] std::string_view name_of(client_state state) noexcept;

/// How a client connects and calls.
struct client_config {
    std::string name = "client";  ///< Told to the server; 1 to 255 bytes of UTF-8.
    echosocket::limits limits{};
    std::chrono::milliseconds connect_timeout{5'000};  ///< For resolving and connecting together, each address.
    std::chrono::milliseconds call_timeout{30'000};    ///< For each call that names none; 0 is none.
    std::chrono::milliseconds max_deadline{300'000};   ///< Cap on the deadline of calls that the server makes here.
    bool send_exception_text = false;  ///< Send the text of a handler's exception to the server, not only to the log.

    echosocket::handlers handlers{};  ///< What the server may call here, and the notifications that are listened to.
    queue_rules notifications{};      ///< For notifications to the server.
    reconnect_policy reconnect{};
    address_order order = address_order::listed;
    /// Told of each change, with the reason for all but `connected`; called on the client's own strand.
    std::function<void(client_state, const failure&)> on_state{};

    log_sink log{};                              ///< Nowhere by default.
    echosocket::clock* clock = &steady_clock();  ///< Outlives the client.
};

}  // namespace echosocket
