// Which connections count as one user's, by where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace echosocket::net {

/// One address of IPv4, or one /64 network of IPv6: a single host is given a whole one.
struct address_group {
    /// `none`: a Unix socket, memory, or whatever else a transport calls itself; it does not tell one user from
    /// another.
    enum class kind : std::uint8_t { none, v4, v6 };

    kind what = kind::none;
    bool is_loopback = false;
    std::uint64_t prefix = 0;  ///< Of IPv6 its first 64 bits, of IPv4 all of it.

    friend bool operator==(const address_group&, const address_group&) = default;

    struct hash {
        [[nodiscard]] std::size_t operator()(const address_group& of) const noexcept;
    };
};

/// Of `127.0.0.1:4711` or `[::1]:4711`, as `transport::remote_address` tells it. An IPv4 address within IPv6 counts as
/// IPv4.
[[nodiscard]] address_group group_of(std::string_view address) noexcept;

}  // namespace echosocket::net
