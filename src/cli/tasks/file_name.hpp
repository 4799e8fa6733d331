// A file name that a stranger may choose without choosing where the file goes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace echosocket::cli {

inline constexpr std::size_t longest_file_name = 128;

/// The name that a URL's path, or a file's path elsewhere, suggests: its last part, percent-decoded, of ASCII letters,
/// digits, `.`, `-` and `_` only (anything else becomes `_`), never beginning with a dot or a dash, at most
/// `longest_file_name` bytes with the ending kept; `download` where nothing is left.
[[nodiscard]] std::string safe_file_name(std::string_view url_path);

/// `report.pdf` for attempt 0, then `report-1.pdf`, `report-2.pdf`.
[[nodiscard]] std::string numbered_file_name(std::string_view name, unsigned attempt);

}  // namespace echosocket::cli
