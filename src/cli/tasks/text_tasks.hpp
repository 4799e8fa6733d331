// What the small demo tasks compute.
#pragma once

#include <echosocket/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// The code points in reverse order. Errors: `bad_request` for what is no UTF-8.
[[nodiscard]] result<std::string> reverse_text(std::string_view text);

/// Capital letters of every script whose letters have one capital each, as Unicode's simple mapping says: `ß` stays.
/// Errors: `bad_request` for what is no UTF-8.
[[nodiscard]] result<std::string> upper_text(std::string_view text);

/// `2024-02-29T12:34:56.789Z`.
[[nodiscard]] std::string iso_time(std::chrono::system_clock::time_point when);

}  // namespace echosocket::cli
