// Connections to a server in another process, for tests that attack it.
#pragma once

#include "io/listening_socket.hpp"
#include "support/raw_peer.hpp"

#include <boost/asio/io_context.hpp>

#include <string>

namespace echosocket::test {

/// Connects to `host:port` or `unix:/path`, and returns once it is connected; of TCP from the address `source`, if one
/// is given. Throws `std::runtime_error` if it can't. Whoever closes it tells the other end so by a reset.
[[nodiscard]] net::unique_descriptor connect_socket(const std::string& address, const std::string& source = {});

/// The same as a peer, whose waits end with what the other end does, or after `patience`. It must not be told to
/// settle: nothing shows when another process has nothing more to do.
[[nodiscard]] raw_peer connect_peer(asio::io_context& io, const std::string& address, const std::string& source = {});

}  // namespace echosocket::test
