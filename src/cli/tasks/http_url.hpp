// Parses the URLs that `download` accepts.
#pragma once

#include <echosocket/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// The parts of an `http://` URL, safe to write into a request.
struct http_url {
    std::string host;  ///< Without the brackets of an IPv6 address.
    std::uint16_t port = 80;
    std::string path = "/";  ///< Begins with a slash; no query.
    std::string query;       ///< With its question mark; empty if there is none.

    [[nodiscard]] std::string target() const { return path + query; }
    [[nodiscard]] std::string host_header() const;
    [[nodiscard]] std::string text() const { return "http://" + host_header() + target(); }

    friend bool operator==(const http_url&, const http_url&) = default;
};

/// Errors: `bad_request`; the detail says what is wrong. `https`, other schemes, user names, and characters that must
/// be percent-encoded (spaces, control characters, anything but ASCII) are refused. A fragment is dropped.
[[nodiscard]] result<http_url> parse_http_url(std::string_view text);

/// Resolves the `Location` header of a reply to `base`.
///
/// Errors: as above.
[[nodiscard]] result<http_url> resolve_location(const http_url& base, std::string_view location);

}  // namespace echosocket::cli
