// A command line into words, as a shell would, without a shell's expansions.
#pragma once

#include <echosocket/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// Splits by the quoting rules of POSIX: blanks separate, `'...'` is literal, within `"..."` a backslash escapes only
/// `$`, `` ` ``, `"`, `\` and a newline, elsewhere any character. Nothing is expanded: `$HOME`, `*`, `;` and `|` are
/// plain text.
///
/// Errors: `bad_request` for an open quote, a trailing backslash and a NUL byte, which no program's argument can hold.
[[nodiscard]] result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace echosocket::cli
