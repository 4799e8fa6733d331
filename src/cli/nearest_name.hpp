// Suggestions for a mistyped name.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// The number of insertions, deletions, substitutions and swaps of adjacent bytes that turn `a` into `b`, with no part
/// edited twice (Damerau-Levenshtein, optimal string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `name`, the first of several; empty if none is within a third of the name's length.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace echosocket::cli
