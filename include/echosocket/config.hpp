// Every setting, with its default, its unit and its trade-off.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/handlers.hpp>
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

/// What happens to a notification when the queue of a peer that reads too slowly is full.
enum class overflow : std::uint8_t {
    close,        ///< The peer's connection ends with `slow_consumer`: no notification is lost silently.
    drop_oldest,  ///< The oldest queued notification of that topic is dropped.
    drop_newest,  ///< The new notification is dropped.
    keep_latest,  ///< A queued one with the same key is replaced, even if the queue is not full; else as `drop_oldest`.
};

/// Limits of one peer's queue, for one topic or for all topics that have no rules of their own.
struct queue_rules {
    overflow policy = overflow::close;
    std::size_t max_bytes = 1024 * 1024;  ///< Bytes of whole frames queued for one peer.
    std::size_t max_frames = 10'000;      ///< Notifications queued for one peer.
};

/// What one connection may use, at either end.
struct limits {
    /// Bytes of one body, all its frames together; at least `max_frame`. A split body above 128 KiB reserves this much
    /// address space (64 MiB at most), but uses memory only as it arrives.
    std::size_t max_message = 16 * 1024 * 1024;
    std::size_t max_frame = 1024 * 1024;  ///< Bytes of one frame's body, 1 KiB to 64 MiB; larger bodies are split.
    std::uint32_t max_calls = 1024;       ///< Calls that the other end may have running here; sent in the HELLO.
    unsigned max_nesting = 64;            ///< Depth of a decoded JSON value; deeper ones are `bad_request`.

    std::chrono::milliseconds hello_timeout{5'000};  ///< ms for the other end's complete HELLO.
    /// ms to complete a frame once it has begun; large frames get at least 1 s per 64 KiB.
    std::chrono::milliseconds frame_timeout{10'000};
    /// ms without a running call or any frame but pings; 0 disables it.
    std::chrono::milliseconds idle_timeout{300'000};
    /// ms of silence before a ping, varied by up to ±15 %; 0 disables it.
    std::chrono::milliseconds ping_interval{30'000};
    unsigned missed_pings = 2;                        ///< Unanswered pings in a row before the peer counts as lost.
    std::chrono::milliseconds write_timeout{10'000};  ///< ms in which the other end must take at least one byte.

    /// Queued bytes above which this end pauses taking new requests.
    std::size_t output_soft = 1024 * 1024;
    /// ms that a slow peer has to take `output_soft` bytes before it is closed.
    std::chrono::milliseconds output_soft_time{10'000};
    /// Queued bytes above which finished calls keep their slot until there is room.
    std::size_t output_hard = 8 * 1024 * 1024;

    /// Bytes of items that one stream may have on the way to this end or unread here, at least 4 KiB; one item may use
    /// half of it. Sent in the HELLO. If nothing is read, one connection's streams hold up to `max_calls` times this.
    std::uint32_t stream_credit = 1024 * 1024;
    /// Bytes of notifications that wait here for a suspended handler; further ones are dropped and counted.
    std::size_t handling_queue = 1024 * 1024;
    std::size_t max_groups = 1024;  ///< Groups that one peer may be in.

    unsigned abuse_burst = 1000;     ///< Cancels and errors that one peer may cause at once...
    unsigned abuse_per_second = 33;  ///< ...and how many per second are allowed again.
};

/// A server's name, addresses and limits.
struct server_config {
    std::string name = "EchoSocket";    ///< Sent to every client; 1 to 255 bytes of UTF-8.
    std::string host = "127.0.0.1";     ///< Address to listen on if `listen` is empty.
    std::uint16_t port = 0;             ///< 0 takes a free port; `server::port()` returns it.
    std::vector<std::string> listen{};  ///< `host:port`, `[v6]:port` or `unix:/path`; replaces `host` and `port`.

    echosocket::limits limits{};           ///< For each connection.
    std::size_t max_connections = 10'000;  ///< Further ones are refused; also limited by the descriptor limit minus 64.
    std::size_t max_per_address = 0;       ///< Connections from one IP address; 0 is no limit.
    std::size_t max_running_calls = 65'536;  ///< Over all connections; further calls are answered `overloaded`.
    /// ms; upper limit of a call's deadline, also for calls without one. Calls with streams are exempt.
    std::chrono::milliseconds max_deadline{300'000};

    /// ms; for calls to a client without a timeout of their own; 0 is no timeout.
    std::chrono::milliseconds call_timeout{30'000};

    queue_rules notifications{};  ///< For topics without rules of their own (`server::topic`).
    /// Decides whether a client may subscribe to a topic; a failure is sent to the client. If empty, nobody may.
    std::function<result<void>(const peer&, std::string_view topic)> may_subscribe{};
    std::size_t remembered_calls = 10'000;            ///< Results kept for calls with an idempotency key; 0 keeps none.
    std::size_t remembered_bytes = 16 * 1024 * 1024;  ///< Bytes of all these results together.
    /// ms that a result is kept, unless one of the two limits above is reached first.
    std::chrono::milliseconds remembered_for{300'000};

    std::chrono::milliseconds drain_timeout{10'000};  ///< ms that running calls may take to finish after `stop()`.
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
    /// ms; upper limit of the deadline of calls that the server makes here.
    std::chrono::milliseconds max_deadline{300'000};
    /// Sends the text of a handler's exception to the server too, not only to the log.
    bool send_exception_text = false;

    echosocket::handlers handlers{};  ///< The tasks that the server may call here, and the handlers of notifications.
    queue_rules notifications{};      ///< For notifications to the server.
    reconnect_policy reconnect{};
    address_order order = address_order::listed;
    /// Called on each change, on the client's own strand, with the reason for every state but `connected`.
    std::function<void(client_state, const failure&)> on_state{};

    log_sink log{};                              ///< Empty: no log.
    echosocket::clock* clock = &steady_clock();  ///< Must outlive the client.
};

}  // namespace echosocket
