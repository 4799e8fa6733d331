// Splits a command line into words as a shell would, without a shell's expansions.
#pragma once

#include <echosocket/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// Splits by the quoting rules of POSIX: spaces separate, `'...'` is literal; a backslash escapes only `$`, `` ` ``,
/// `"`, `\` and a newline within `"..."`, and any character elsewhere. Nothing is expanded: `$HOME`, `*`, `;` and `|`
/// are plain text.
///
/// Errors: `bad_request` for an open quote, a trailing backslash and a NUL byte, which a program's argument cannot
/// contain.
[[nodiscard]] result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace echosocket::cli
