// Every setting, with its default, its unit and its trade-off.
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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket {

class peer;

/// A server's name, addresses and limits.
struct server_config {
    std::string name = "EchoSocket";  ///< Sent to every client; 1 to 255 bytes of UTF-8.
    std::string host = "127.0.0.1";   ///< Address to listen on if `listen` is empty.
    /// Port to listen on; 0 takes a free one, which `server::port()` returns. Without it and without `listen`, `run()`
    /// opens no port: clients come by `server::attach` and `client::connect(server&)`, or after `server::listen()`.
    std::optional<std::uint16_t> port{};
    std::vector<std::string> listen{};  ///< `host:port`, `[v6]:port` or `unix:/path`; replaces `host` and `port`.

    echosocket::limits limits{};           ///< For each connection.
    std::size_t max_connections = 10'000;  ///< Further ones are refused; also limited by the descriptor limit minus 64.
    /// Connections from one IPv4 address, or one /64 network of IPv6; 0 sets no number. With or without it, no address
    /// gets more of `max_connections` and `max_running_calls` than four times what is left of them: alone four fifths,
    /// so that others come in too. Unix sockets are not limited, nor is loopback, where a proxy may stand for many, as
    /// long as there is no number.
    std::size_t max_per_address = 0;
    /// Bytes that the server holds in memory for all its clients together: bodies that are not complete, arguments of
    /// running calls (JSON text as `json::value` at its worst, twenty times its bytes), unread items of streams, output
    /// that nobody reads, and the blocks that running calls look at. Above three quarters of it, new calls are answered
    /// `overloaded`; above all of it, the connection that holds most is closed with `memory_exceeded`. What handlers
    /// keep for themselves is not counted. 0 is 1 GiB, or a quarter of the machine's memory if that is less; at least 1
    /// MiB.
    std::size_t memory_budget = 0;
    std::size_t max_running_calls = 65'536;  ///< Over all connections; further calls are answered `overloaded`.
    /// ms; upper limit of a call's deadline, also for calls without one. Calls with streams are exempt.
    std::chrono::milliseconds max_deadline{300'000};

    /// ms; for calls to a client without a timeout of their own; 0 is no timeout.
    std::chrono::milliseconds call_timeout{30'000};

    queue_rules notifications{};  ///< For topics without rules of their own (`server::topic`).
    /// Decides whether a client may subscribe to a topic; a failure is sent to the client. If empty, nobody may. If it
    /// throws, the subscription fails with `task_failed`, and the text goes to the log.
    std::function<result<void>(const peer&, std::string_view topic)> may_subscribe{};
    std::size_t remembered_calls = 10'000;            ///< Results kept for calls with an idempotency key; 0 keeps none.
    std::size_t remembered_bytes = 16 * 1024 * 1024;  ///< Bytes of all these results together.
    /// ms that a result is kept, unless one of the two limits above is reached first.
    std::chrono::milliseconds remembered_for{300'000};
    /// Whose keys those of a client are, for example the name of its account: the same key in two scopes is two keys.
    /// Called on the connection's strand for each call with a key. If empty, all clients share their keys, and whoever
    /// knows a key and the arguments gets the result. If it throws, that call fails with `task_failed`, and the text
    /// goes to the log.
    std::function<std::string(const peer&)> key_scope{};
    /// Calls with an idempotency key that run on after their connection was lost, since their result may be asked for
    /// again. Beyond that, the oldest from the address that has most of them is cancelled; 0 cancels all at once.
    std::size_t max_orphaned_calls = 1'024;

    /// ms that running calls and waiting notifications may take to finish after `stop()`.
    std::chrono::milliseconds drain_timeout{10'000};
    /// ms that cancelled calls may take before connections are closed.
    std::chrono::milliseconds cancel_timeout{2'000};

    /// Sends the text of a handler's exception to the caller too, not only to the log.
    bool send_exception_text = false;
    bool allow_remote_stop = false;  ///< Offers the task `$stop`, with which any client can shut the server down.

    log_sink log{};                              ///< Empty: no log.
    echosocket::clock* clock = &steady_clock();  ///< Must outlive the server.
};

/// How a client reconnects after its connection was lost.
struct reconnect_policy {
    bool enabled = false;
    /// ms before the second round of addresses; the first round starts at once.
    std::chrono::milliseconds first_delay{100};
    std::chrono::milliseconds max_delay{30'000};  ///< ms; each delay is twice the previous one, up to this.
    unsigned jitter_percent = 50;  ///< Each delay is shortened by a random part of itself, up to this percentage.
    unsigned max_rounds = 0;       ///< Rounds through all addresses before the client gives up; 0 is no limit.
};

/// The order in which a list of addresses is tried.
enum class address_order : std::uint8_t {
    listed,  ///< From the first one; after a loss, from the one after the lost one.
    random,  ///< Shuffled once per client, so that many clients spread over many servers.
};

/// The state of a client's connection.
enum class client_state : std::uint8_t {
    connecting,  ///< Trying one address after the other.
    connected,
    waiting,  ///< Waiting before the next round of addresses.
    closed,   ///< Final: after `close()`, or when reconnecting is disabled or was given up.
};

/// The state as a word for logs: `connected`.
[[nodiscard]] std::string_view name_of(client_state state) noexcept;

/// How a client connects and calls.
struct client_config {
    std::string name = "client";  ///< Sent to the server; 1 to 255 bytes of UTF-8.
    echosocket::limits limits{};
    std::chrono::milliseconds connect_timeout{5'000};  ///< ms for each address, resolving and connecting together.
    std::chrono::milliseconds call_timeout{30'000};  ///< ms; for calls without a timeout of their own; 0 is no timeout.
    /// ms; upper limit of the deadline of calls that the server makes here; 0 is none.
    std::chrono::milliseconds max_deadline{300'000};
    /// Sends the text of a handler's exception to the server too, not only to the log.
    bool send_exception_text = false;

    echosocket::handlers handlers{};  ///< The tasks that the server may call here, and the handlers of notifications.
    queue_rules notifications{};      ///< For notifications to the server.
    reconnect_policy reconnect{};
    address_order order = address_order::listed;
    /// Called on each change, on the client's own strand, with the reason for every state but `connected`. What it
    /// throws goes to the log, and changes nothing.
    std::function<void(client_state, const failure&)> on_state{};

    log_sink log{};                              ///< Empty: no log.
    echosocket::clock* clock = &steady_clock();  ///< Must outlive the client.
};

}  // namespace echosocket
