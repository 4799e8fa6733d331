// The orderly end: GOAWAY, the barrier behind it, and when a draining connection is done.
#pragma once

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
    bool barrier_passed = false;  ///< No further REQUEST can be on its way here.
    bool holds_open = false;      ///< Something runs here that the connection has to wait for, besides calls.
    bool send_is_shut = false;    ///< This end has said all that it will say.
};

/// Says GOAWAY. `last_request` is the last REQUEST that was taken.
void say_goaway(engine_state& state, std::uint32_t last_request);
/// A GOAWAY came. The one who says it waits for this end to be done, so what runs may end, then this end closes.
void take_goaway(engine_state& state);
/// A PONG came.
void take_barrier(engine_state& state, std::string_view body);
/// Ends a draining connection once nothing runs at either end and everything has been sent.
void close_if_drained(engine_state& state, bool nothing_runs);

}  // namespace echosocket::protocol
