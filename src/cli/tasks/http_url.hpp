// The part of URLs that `download` needs.
#pragma once

#include <echosocket/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// An `http://` URL in its parts, fit to be written into a request.
struct http_url {
    std::string host;  ///< Without the brackets of an IPv6 address.
    std::uint16_t port = 80;
    std::string path = "/";  ///< Begins with a slash; no query.
    std::string query;       ///< With its question mark; empty where there is none.

    [[nodiscard]] std::string target() const { return path + query; }
    [[nodiscard]] std::string host_header() const;
    [[nodiscard]] std::string text() const { return "http://" + host_header() + target(); }

    friend bool operator==(const http_url&, const http_url&) = default;
};

/// Errors: `bad_request`, saying what is wrong with the URL. `https`, other schemes, user names, and characters that
/// must be percent-encoded (blanks, controls, anything but ASCII) are refused; a fragment is dropped.
[[nodiscard]] result<http_url> parse_http_url(std::string_view text);

/// Where a `Location` header leads that came in answer to `base`. Errors: as above.
[[nodiscard]] result<http_url> resolve_location(const http_url& base, std::string_view location);

}  // namespace echosocket::cli
