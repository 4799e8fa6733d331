// The small demo tasks that transform text and time.
#pragma once

#include <echosocket/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// The code points in reverse order.
///
/// Errors: `bad_request` if the text is not UTF-8.
[[nodiscard]] result<std::string> reverse_text(std::string_view text);

/// Upper case by Unicode's simple mapping, in which every letter maps to one letter: `ß` stays.
///
/// Errors: `bad_request` if the text is not UTF-8.
[[nodiscard]] result<std::string> upper_text(std::string_view text);

/// `2024-02-29T12:34:56.789Z`.
[[nodiscard]] std::string iso_time(std::chrono::system_clock::time_point when);

}  // namespace echosocket::cli
