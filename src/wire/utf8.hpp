// Text: what is UTF-8, what is a name, and what may be shown to a person.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace echosocket::wire {

inline constexpr std::size_t max_name = 255;  ///< Bytes of the name of a task, a topic or an end.

/// Returns true if the text is valid UTF-8: no overlong forms, no surrogates.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// Returns true if the name is 1 to `max_name` bytes of UTF-8.
[[nodiscard]] bool is_valid_name(std::string_view name) noexcept;
/// The longest prefix of at most `most` bytes that does not cut a UTF-8 character.
[[nodiscard]] std::string_view head_of(std::string_view text, std::size_t most) noexcept;
/// Returns false for what a terminal would obey instead of showing it: control characters, and what breaks lines or
/// changes the direction of text.
[[nodiscard]] bool is_harmless(char32_t point) noexcept;
/// Makes a text safe for logs, terminals and error texts: what is not harmless and invalid UTF-8 become `?`, and at
/// most `most` bytes are kept.
[[nodiscard]] std::string printable(std::string_view untrusted, std::size_t most = 200);

}  // namespace echosocket::wire
