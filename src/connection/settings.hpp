// What the connections of one server, or of one client, have in common.
#pragma once

#include "connection/memory_budget.hpp"
#include "protocol/settings.hpp"

#include <echosocket/config.hpp>

#include <chrono>
#include <memory>

namespace echosocket::net {

/// Shared by reference: it outlives every connection that uses it.
struct connection_settings : protocol::engine_settings {
    echosocket::clock* clock = nullptr;
    memory_budget* memory = nullptr;            ///< Of all connections; null if it is not counted.
    std::chrono::milliseconds call_timeout{0};  ///< For calls to the other end that name none; 0 is none.
    bool send_exception_text = false;
};

/// What connections need to know of a checked configuration.
[[nodiscard]] connection_settings settings_of(const server_config& config);
[[nodiscard]] connection_settings settings_of(const client_config& config);

}  // namespace echosocket::net
