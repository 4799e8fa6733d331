// The orderly end: GOAWAY, the barrier behind it, and when a draining connection is done.
#pragma once

#include <echosocket/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace echosocket::protocol {

struct engine_state;

/// The body of the PING behind a GOAWAY: its PONG tells that the GOAWAY has been read, so no request can be on its way
/// any more.
inline constexpr std::string_view drain_barrier = "goaway";

struct goaway_state {
    bool said = false;            ///< This end takes no further calls.
    bool told = false;            ///< The other end takes no further calls.
    bool was_asked = false;       ///< The PING behind its GOAWAY has come.
    bool barrier_passed = false;  ///< No further REQUEST can be on its way here.
    bool holds_open = false;      ///< Something runs here that the connection has to wait for, besides calls.
    bool is_needed = false;       ///< What runs elsewhere at this end may still need the other end.
    bool send_is_shut = false;    ///< This end has said all that it will say.
};

/// Says GOAWAY. `last_request` is the last REQUEST that was taken.
void say_goaway(engine_state& state, std::uint32_t last_request);
/// A GOAWAY came: no further calls are made. The one who said it closes, as only that end knows what it still needs.
void take_goaway(engine_state& state);
/// A PONG came.
void take_barrier(engine_state& state, std::string_view body);
/// Ends the connection if this end said GOAWAY, nothing runs at either end, and everything has been sent.
void close_if_drained(engine_state& state, bool nothing_runs);
/// Why a connection is over whose other end stops sending between two frames. If that end said GOAWAY, and answered
/// what it was asked, it is done; else it is `lost`.
[[nodiscard]] failure cause_of_end(const engine_state& state, std::size_t calls_in_flight, failure lost);
/// The answer to a REQUEST that crossed the GOAWAY of this end.
[[nodiscard]] failure refusal_while_leaving(const engine_state& state);

}  // namespace echosocket::protocol
