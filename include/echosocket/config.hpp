// Every knob, each with its default, its unit, and what it trades.
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

/// What happens to a notification for a peer that has not read the ones before it, once its queue is full.
enum class overflow : std::uint8_t {
    close,        ///< The peer's connection ends with `slow_consumer`: nobody misses anything without knowing.
    drop_oldest,  ///< The oldest queued notification of that topic gives way.
    drop_newest,  ///< The new one is dropped.
    keep_latest,  ///< A new one takes the place of the queued one with its key; where none has it, as `drop_oldest`.
};

/// How notifications of one topic, or of all topics that have no rules of their own, wait for one slow peer.
struct queue_rules {
    overflow policy = overflow::close;
    std::size_t max_bytes = 1024 * 1024;  ///< Of whole frames queued for one peer.
    std::size_t max_frames = 10'000;      ///< Queued for one peer.
};

/// What one connection may cost, at either end.
struct limits {
    std::size_t max_message = 16 * 1024 * 1024;  ///< Bytes of one body, all its frames together; at least `max_frame`.
                                                 ///< One that comes in pieces takes addresses for so many, 64 MiB at
                                                 ///< most, from its 129th KiB on; memory only as it fills them.
    std::size_t max_frame = 1024 * 1024;  ///< Bytes of one frame's body; larger bodies are split. 1 KiB to 64 MiB.
    std::uint32_t max_calls = 1024;       ///< Running calls that the other end may have here; told in the HELLO.
    unsigned max_nesting = 64;            ///< Depth of a decoded JSON value; deeper ones are `bad_request`.

    std::chrono::milliseconds hello_timeout{5'000};   ///< For the other end's whole HELLO.
    std::chrono::milliseconds frame_timeout{10'000};  ///< For a frame begun; a large one gets 1 s per 64 KiB at least.
    std::chrono::milliseconds idle_timeout{
        300'000};  ///< Without any frame but pings and no running call; 0 turns it off.
    std::chrono::milliseconds ping_interval{30'000};  ///< Silence before a ping, give or take 15 %; 0 turns it off.
    unsigned missed_pings = 2;                        ///< Unanswered pings in a row before the peer counts as lost.
    std::chrono::milliseconds write_timeout{10'000};  ///< Without one byte taken by the other end.

    std::size_t output_soft =
        1024 * 1024;  ///< Queued bytes above which this end stops taking new requests for a while.
    std::chrono::milliseconds output_soft_time{
        10'000};  ///< Time to take `output_soft` bytes before a slow peer is closed.
    std::size_t output_hard =
        8 * 1024 * 1024;  ///< Queued bytes above which finished calls keep their slot until there is room.

    std::uint32_t stream_credit = 1024 * 1024;  ///< Bytes of items that one stream may have under way to this end, at
                                                ///< least 4 KiB; an item takes half of it at most. Told in the HELLO.
                                                ///< Unread, the streams of one connection hold `max_calls` times it.
    std::size_t handling_queue = 1024 * 1024;   ///< Bytes of notifications that wait here for a handler that suspended;
                                                ///< further ones are dropped and counted.
    std::size_t max_groups = 1024;              ///< Groups that one peer may be in.

    unsigned abuse_burst = 1000;     ///< Cancels and errors that one peer may provoke at once...
    unsigned abuse_per_second = 33;  ///< ...and how fast that allowance comes back.
};

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
