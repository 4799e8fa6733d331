#include "cli/tasks/address_rules.hpp"

#include "cli/tasks/http_url.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <initializer_list>

namespace echosocket::cli {

namespace {

using boost::system::error_code;
using networks = std::vector<ip_network>;

networks read_networks(std::initializer_list<const char*> texts) {
    networks all;
    for (const auto* text : texts) all.push_back(*ip_network::parse(text));
    return all;
}

bool any_holds(const networks& all, const asio::ip::address& where) {
    return std::ranges::any_of(all, [&where](const ip_network& each) { return each.holds(where); });
}

// What the IANA's registries of special-purpose addresses do not call globally reachable, and multicast.
const networks& special_v4() {
    static const auto all =
        read_networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                       "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
                       "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
    return all;
}

// Of the addresses for public use. 2001::/23 holds Teredo and 2002::/16 is 6to4, which stand for IPv4 addresses.
const networks& special_v6() {
    static const auto all = read_networks({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
    return all;
}

/// All that has ever been given out for public use.
const networks& public_v6() {
    static const auto all = read_networks({"2000::/3"});
    return all;
}

/// IPv4-mapped addresses, and those that NAT64 translates.
const networks& standing_for_v4() {
    static const auto all = read_networks({"::ffff:0:0/96", "64:ff9b::/96"});
    return all;
}

/// The IPv4 address that an IPv6 address stands for; any other as it is.
asio::ip::address meant_by(const asio::ip::address& where) {
    if (!any_holds(standing_for_v4(), where)) return where;
    const auto bytes = where.to_v6().to_bytes();
    asio::ip::address_v4::bytes_type last{};
    std::copy(bytes.end() - last.size(), bytes.end(), last.begin());
    return asio::ip::address_v4(last);
}

template <class Bytes>
bool begin_alike(const Bytes& a, const Bytes& b, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

}  // namespace

std::optional<ip_network> ip_network::parse(std::string_view text) {
    const auto slash = text.find('/');
    error_code error;
    ip_network read;
    read.base = asio::ip::make_address(std::string(text.substr(0, slash)), error);
    if (error) return std::nullopt;
    const unsigned most = read.base.is_v4() ? 32 : 128;
    read.bits = most;
    if (slash == std::string_view::npos) return read;
    const auto* const end = text.data() + text.size();
    const auto number = std::from_chars(text.data() + slash + 1, end, read.bits);
    if (number.ec != std::errc() || number.ptr != end || read.bits > most) return std::nullopt;
    return read;
}

bool ip_network::holds(const asio::ip::address& where) const {
    if (where.is_v4() != base.is_v4()) return false;
    if (where.is_v4()) return begin_alike(where.to_v4().to_bytes(), base.to_v4().to_bytes(), bits);
    return begin_alike(where.to_v6().to_bytes(), base.to_v6().to_bytes(), bits);
}

bool is_public(const asio::ip::address& where) {
    const auto meant = meant_by(where);
    if (meant.is_v4()) return !any_holds(special_v4(), meant);
    return any_holds(public_v6(), meant) && !any_holds(special_v6(), meant);
}

result<address_rules> address_rules::with(const std::vector<std::string>& exceptions) {
    address_rules rules;
    for (const auto& exception : exceptions) {
        if (const auto network = ip_network::parse(exception)) {
            rules.networks_.push_back(*network);
        } else if (auto url = parse_http_url("http://" + exception + '/');
                   url && url->host.size() == exception.size()) {
            rules.hosts_.push_back(url->host);
        } else {
            return failure(errc::invalid_config, "'" + exception + "' is no address, no network and no host name");
        }
    }
    return rules;
}

bool address_rules::allow(std::string_view host, const asio::ip::address& where) const {
    return is_public(where) || any_holds(networks_, where) || any_holds(networks_, meant_by(where)) ||
           std::ranges::find(hosts_, host) != hosts_.end();
}

}  // namespace echosocket::cli
