#include "cli/nearest_name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace echosocket::cli {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the usual table: the one before the last, the last, and the current one.
    std::vector<std::size_t> older(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({row[j - 1] + 1, last[j] + 1, last[j - 1] + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
        }
        std::swap(older, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
    const std::size_t tolerated = std::max<std::size_t>(1, name.size() / 3);
    std::optional<std::string> nearest;
    std::size_t least = tolerated + 1;
    for (const auto& candidate : candidates) {
        const auto longer = std::max(candidate.size(), name.size());
        const auto shorter = std::min(candidate.size(), name.size());
        if (longer - shorter >= least) continue;
        const auto distance = edit_distance(name, candidate);
        if (distance >= least || distance >= longer) continue;
        least = distance;
        nearest = candidate;
    }
    return nearest;
}

}  // namespace echosocket::cli
