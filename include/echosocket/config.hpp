// Every knob, each with its default, its unit, and what it trades.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/log.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace echosocket {

/// What one connection may cost, at either end.
struct limits {
    std::size_t max_message = 16 * 1024 * 1024;  ///< Bytes of one body, all its frames together; at least `max_frame`.
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

    std::chrono::milliseconds drain_timeout{10'000};  ///< How long running calls may finish after `stop()`.
    std::chrono::milliseconds cancel_timeout{2'000};  ///< How long cancelled calls get before connections are closed.

    bool send_exception_text = false;  ///< Send the text of a handler's exception to the caller, not only to the log.
    bool allow_remote_stop = false;    ///< Offer the task `$stop`, by which any client can ask for the shutdown.

    log_sink log{};                              ///< Nowhere by default.
    echosocket::clock* clock = &steady_clock();  ///< Outlives the server.
};

/// How a client connects and calls.
struct client_config {
    std::string name = "client";  ///< Told to the server; 1 to 255 bytes of UTF-8.
    echosocket::limits limits{};
    std::chrono::milliseconds connect_timeout{5'000};  ///< For resolving and connecting together.
    std::chrono::milliseconds call_timeout{30'000};    ///< For each call that names none; 0 is none.

    log_sink log{};                              ///< Nowhere by default.
    echosocket::clock* clock = &steady_clock();  ///< Outlives the client.
};

}  // namespace echosocket
