// What one end of a connection brings along: its role, its limits, its HELLO.
#pragma once

#include <echosocket/limits.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace echosocket::protocol {

using time_point = std::chrono::steady_clock::time_point;
inline constexpr time_point never = time_point::max();

/// A longer timeout is as good as none, and adding it to a time overflows at some point.
inline constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

enum class role : std::uint8_t { client, server };

/// Shared by the engines of all connections of one server, or of one client, and outlives them.
struct engine_settings {
    protocol::role role = protocol::role::server;
    echosocket::limits limits;
    std::string hello;                          ///< This end's HELLO frame, encoded; tells of `limits`.
    std::chrono::milliseconds max_deadline{0};  ///< Cap on the deadline of calls that come in; 0 is none.

    [[nodiscard]] bool is_server() const noexcept { return role == protocol::role::server; }
    /// The first id of calls that this end makes; the others follow by twos.
    [[nodiscard]] std::uint32_t first_call_id() const noexcept { return is_server() ? 2 : 1; }
};

}  // namespace echosocket::protocol
