// Untrusted text from the other end: its code points, and a form that is safe to show.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// Removes the first code point from `rest` and returns it; if `rest` is empty or does not begin with valid UTF-8,
/// leaves it unchanged and returns an empty optional.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& rest) noexcept;
void append_code_point(std::string& out, char32_t code_point);

[[nodiscard]] bool is_text(std::string_view bytes) noexcept;  ///< Returns true if all of it is UTF-8.

/// Makes `bytes` safe for a terminal: what would move the cursor, change colours, type for the user or reverse the
/// direction of text (control characters, directional marks, invalid UTF-8) is written as `\x1b`, `\u202e`. Tabs and
/// line breaks stay.
[[nodiscard]] std::string printable(std::string_view bytes);

/// The same, with `\n` for a line break.
[[nodiscard]] std::string one_line(std::string_view bytes);

/// The same for JSON, which stays JSON of the same value: `\u202e`, and `\ufffd` for invalid UTF-8, of which JSON knows
/// none. `json` has no line breaks between its values.
[[nodiscard]] std::string printable_json(std::string_view json);

/// Bytes at the end of `bytes` that begin a code point and do not complete it.
[[nodiscard]] std::size_t unfinished_size(std::string_view bytes) noexcept;

/// Approximate columns on a terminal: the number of code points.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;

}  // namespace echosocket::cli
