// Text: what is UTF-8, what is a name, and what may be shown to a person.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace echosocket::wire {

/// Is this a UTF-8 text (no overlong forms, no surrogates)?
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// 1 to 255 bytes of UTF-8.
[[nodiscard]] bool is_valid_name(std::string_view name) noexcept;
/// At most `most` bytes of a UTF-8 text, whole characters only.
[[nodiscard]] std::string_view head_of(std::string_view text, std::size_t most) noexcept;
/// For logs, terminals and error texts: control characters and broken UTF-8 become `?`, at most `most` bytes are kept.
[[nodiscard]] std::string printable(std::string_view untrusted, std::size_t most = 200);

}  // namespace echosocket::wire
