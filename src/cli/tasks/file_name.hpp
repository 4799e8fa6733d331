// File names that a client may choose without choosing the directory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace echosocket::cli {

inline constexpr std::size_t longest_file_name = 128;

/// The name that the path of a URL or of a remote file suggests: its last part, percent-decoded, with only ASCII
/// letters, digits, `.`, `-` and `_` (anything else becomes `_`), never beginning with a dot or a dash, cut to
/// `longest_file_name` bytes but for its extension; `download` if nothing is left.
[[nodiscard]] std::string safe_file_name(std::string_view url_path);

/// `report.pdf` for attempt 0, then `report-1.pdf`, `report-2.pdf`.
[[nodiscard]] std::string numbered_file_name(std::string_view name, unsigned attempt);

}  // namespace echosocket::cli
