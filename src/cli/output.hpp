// The command's output: results go to standard output, everything else to standard error.
#pragma once

#include <string_view>

namespace echosocket::cli {

/// Writes exactly these bytes to standard output and flushes. Returns false if that fails.
[[nodiscard]] bool print(std::string_view bytes);

/// Writes `echosocket: ` and one sentence to standard error, made safe for a terminal.
void complain(std::string_view sentence);

}  // namespace echosocket::cli
