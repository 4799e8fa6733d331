#include "io/address.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace echosocket::net {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t max_path = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t max_host = 255;

failure invalid(std::string_view text, std::string_view why) {
    return {errc::invalid_address, "\"" + std::string(text) + "\": " + std::string(why) +
                                       "; an address is host:port, [v6-address]:port or unix:/path, for example "
                                       "127.0.0.1:8080"};
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || last != end) return std::nullopt;
    return port;
}

bool is_host_character(char c) {
    constexpr std::string_view forbidden = " \"/@[]:?#%";
    const auto code = static_cast<unsigned char>(c);
    return code > 0x20 && code != 0x7F && forbidden.find(c) == std::string_view::npos;
}

bool is_v6(std::string_view host) {
    boost::system::error_code error;
    (void)boost::asio::ip::make_address_v6(std::string(host), error);
    return !error;
}

result<address> parse_path(std::string_view text) {
    const auto path = text.substr(unix_prefix.size());
    if (path.empty()) return invalid(text, "the path is missing");
    if (path.find('\0') != std::string_view::npos) return invalid(text, "the path contains a zero byte");
    if (path.size() > max_path)
        return invalid(text, "the path is longer than the " + std::to_string(max_path) + " bytes a Unix socket allows");
    return address{.kind = address_kind::unix_socket, .path = std::string(path)};
}

}  // namespace

result<address> parse_address(std::string_view text) {
    if (text.starts_with(unix_prefix)) return parse_path(text);

    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return invalid(text, "the host or the port is missing");
    auto host = text.substr(0, colon);
    const auto port = parse_port(text.substr(colon + 1));

    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        if (!is_v6(host)) return invalid(text, "what stands in brackets is no IPv6 address");
    } else {
        if (is_v6(text)) return invalid(text, "an IPv6 address needs brackets and a port");
        if (host.empty()) return invalid(text, "the host is missing");
        if (host.size() > max_host || !std::ranges::all_of(host, is_host_character))
            return invalid(text, "that is no host name");
    }
    if (!port) return invalid(text, "the port is no number from 0 to 65535");
    return address{.host = std::string(host), .port = *port};
}

std::string to_string(const address& where) {
    if (where.kind == address_kind::unix_socket) return std::string(unix_prefix) + where.path;
    const bool brackets = where.host.find(':') != std::string::npos;
    return (brackets ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

}  // namespace echosocket::net
