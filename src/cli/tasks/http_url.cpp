#include "cli/tasks/http_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace echosocket::cli {

namespace {

constexpr std::size_t longest_url = 8 * 1024;

failure refused(std::string why) {
    return {errc::bad_request, std::move(why)};
}

std::string lower(std::string_view text) {
    std::string low(text);
    std::ranges::transform(low, low.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return low;
}

bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The scheme before `:`, in lower case; empty if the text does not begin with one.
std::string scheme_of(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    const auto scheme = text.substr(0, colon);
    const bool valid =
        std::ranges::all_of(scheme, [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; });
    return valid && !(scheme[0] >= '0' && scheme[0] <= '9') ? lower(scheme) : std::string();
}

std::optional<failure> check_scheme(const std::string& scheme) {
    if (scheme == "http") return std::nullopt;
    if (scheme == "https") return refused("https:// is not supported here; only http:// URLs can be downloaded");
    if (scheme.empty()) return refused("a URL was expected that begins with http://");
    return refused(scheme + ": is not supported; only http:// URLs can be downloaded");
}

std::optional<failure> check_characters(std::string_view text) {
    if (text.size() > longest_url) return refused("the URL is longer than 8 KiB");
    const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    if (plain) return std::nullopt;
    return refused("the URL holds characters that must be percent-encoded");
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 253 &&
           std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_v6_address(std::string_view host) {
    return host.find(':') != std::string_view::npos &&
           std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || c == ':' || c == '.'; });
}

std::optional<failure> read_port(std::string_view text, std::uint16_t& port) {
    if (text.empty()) return std::nullopt;  // `http://host:/` means the scheme's default port
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    if (read.ec != std::errc() || read.ptr != end || port == 0) return refused("the URL's port is no port");
    return std::nullopt;
}

std::optional<failure> read_authority(std::string_view authority, http_url& url) {
    if (authority.find('@') != std::string_view::npos) return refused("a user name in the URL is not supported");
    std::string_view host = authority;
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return refused("a [ in the URL's host is not closed");
        host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
        if (!is_v6_address(host) || (!port.empty() && port[0] != ':')) return refused("the URL's host is no address");
        port.remove_prefix(port.empty() ? 0 : 1);
    } else {
        const auto colon = authority.find(':');
        host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon + 1);
        if (!is_host(host)) return refused("the URL's host is missing or no host name");
    }
    url.host = lower(host);
    return read_port(port, url.port);
}

void read_target(std::string_view target, http_url& url) {
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    url.path = target.substr(0, question);
    url.query = question == std::string_view::npos ? std::string_view() : target.substr(question);
    if (!url.path.starts_with('/')) url.path.insert(0, "/");
}

}  // namespace

std::string http_url::host_header() const {
    auto header = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != 80) header += ':' + std::to_string(port);
    return header;
}

result<http_url> parse_http_url(std::string_view text) {
    if (auto error = check_scheme(scheme_of(text))) return *error;
    if (auto error = check_characters(text)) return *error;
    text.remove_prefix(5);  // http:
    if (!text.starts_with("//")) return refused("a URL was expected that begins with http://");
    text.remove_prefix(2);
    const auto end = std::min(text.find_first_of("/?#"), text.size());
    http_url url;
    if (auto error = read_authority(text.substr(0, end), url)) return *error;
    read_target(text.substr(end), url);
    return url;
}

result<http_url> resolve_location(const http_url& base, std::string_view location) {
    if (!scheme_of(location).empty()) return parse_http_url(location);
    if (location.starts_with("//")) return parse_http_url("http:" + std::string(location));
    if (auto error = check_characters(location)) return *error;
    http_url url = base;
    if (location.starts_with('/')) {
        read_target(location, url);
    } else if (location.starts_with('?')) {
        read_target(base.path + std::string(location), url);
    } else if (!location.empty() && location[0] != '#') {
        read_target(base.path.substr(0, base.path.rfind('/') + 1) + std::string(location), url);
    }
    return url;
}

}  // namespace echosocket::cli
