// Aligned columns for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace echosocket::cli {

using table_row = std::vector<std::string>;

/// Pads every column to its widest cell, but for the last; columns are two blanks apart. The cells must be printable.
/// Cells wider than `widest` do not push the others away.
[[nodiscard]] std::string format_table(const std::vector<table_row>& rows, std::size_t widest = 40);

}  // namespace echosocket::cli
