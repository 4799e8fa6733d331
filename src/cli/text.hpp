// Text from the other end, which nobody may trust: its code points, and how to show it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// Takes the first code point off `rest`; nothing, and `rest` untouched, where that is no valid UTF-8 or is empty.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& rest) noexcept;
void append_code_point(std::string& out, char32_t code_point);

[[nodiscard]] bool is_text(std::string_view bytes) noexcept;  ///< Is it UTF-8 throughout?

/// `bytes` without anything that moves a terminal's cursor, changes its colours, types for its user or reverses the
/// direction of text: control characters, directional marks and broken UTF-8 become `\x1b`, `\u202e`. Tabs and line
/// breaks stay.
[[nodiscard]] std::string printable(std::string_view bytes);

/// The same, with `\n` for a line break.
[[nodiscard]] std::string one_line(std::string_view bytes);

/// Columns on a terminal, roughly: code points.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;

}  // namespace echosocket::cli
