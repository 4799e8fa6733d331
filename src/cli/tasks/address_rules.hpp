// The destinations that `download` may have.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// All addresses that begin with the same bits.
struct ip_network {
    asio::ip::address base;
    unsigned bits = 0;

    /// `10.0.0.0/8`, `fd00::/8`; a single address is a network too. Empty for anything else.
    [[nodiscard]] static std::optional<ip_network> parse(std::string_view text);

    [[nodiscard]] bool holds(const asio::ip::address& where) const;
};

/// Returns true for an address of the public internet. Loopback, private, link-local, multicast, unspecified and other
/// special ones are none, and no IPv6 address that stands for one of these.
[[nodiscard]] bool is_public(const asio::ip::address& where);

/// Allows public addresses, and what the operator names besides.
///
/// Without such rules, whoever reaches this server would reach all that it can reach: its own machine, and its network.
class address_rules {
public:
    address_rules() = default;

    /// Each exception is an address, a network such as `10.0.0.0/8`, or the name of a host that may have any address.
    ///
    /// Errors: `invalid_config`; the detail names the exception.
    [[nodiscard]] static result<address_rules> with(const std::vector<std::string>& exceptions);

    /// `host` is as the URL has it, in lower case; `where` is one of its addresses.
    [[nodiscard]] bool allow(std::string_view host, const asio::ip::address& where) const;

private:
    std::vector<ip_network> networks_;
    std::vector<std::string> hosts_;
};

}  // namespace echosocket::cli
