// Aligned columns for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace echosocket::cli {

using table_row = std::vector<std::string>;

/// Pads every column but the last to its widest cell, with two spaces between columns. The cells must be printable.
/// Cells wider than `widest` do not widen their column.
[[nodiscard]] std::string format_table(const std::vector<table_row>& rows, std::size_t widest = 40);

}  // namespace echosocket::cli
