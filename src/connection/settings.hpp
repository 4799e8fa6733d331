// What the connections of one server, or of one client, have in common.
#pragma once

#include <echosocket/config.hpp>

#include <chrono>
#include <string>

namespace echosocket::net {

enum class role { client, server };

/// Shared by reference: it outlives every connection that uses it.
struct connection_settings {
    net::role role = net::role::server;
    echosocket::limits limits;
    echosocket::clock* clock = nullptr;
    log_sink log;
    std::string hello;                          ///< This end's HELLO frame, encoded.
    std::chrono::milliseconds max_deadline{0};  ///< Cap on the deadline of calls that come in; 0 is none.
    std::chrono::milliseconds call_timeout{0};  ///< For calls to the other end that name none; 0 is none.
    bool send_exception_text = false;
};

}  // namespace echosocket::net
