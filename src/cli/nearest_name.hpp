// What was meant by a mistyped name.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`; no part is edited twice
/// (Damerau-Levenshtein in its form of optimal string alignment), counted in bytes.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `name`, the first of several; nothing where none is within a third of the name's length.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace echosocket::cli
