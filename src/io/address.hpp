// Addresses to listen on or connect to: a host with a port, or a Unix socket.
#pragma once

#include <echosocket/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::net {

enum class address_kind { tcp, unix_socket };

/// A parsed address. The host is an unresolved name or a number, IPv6 without its brackets.
struct address {
    address_kind kind = address_kind::tcp;
    std::string host{};
    std::uint16_t port = 0;
    std::string path{};  ///< Path of a Unix socket; empty otherwise.

    friend bool operator==(const address&, const address&) = default;
};

/// Parses `host:port`, `[v6]:port` or `unix:/path`.
///
/// Errors: `invalid_address`; the detail says what is wrong and what is accepted.
[[nodiscard]] result<address> parse_address(std::string_view text);

/// Writes the form that `parse_address` reads.
[[nodiscard]] std::string to_string(const address& where);

}  // namespace echosocket::net
