#include "cli/completion.hpp"

#include "cli/text.hpp"

#include <algorithm>

namespace echosocket::cli {

namespace {

bool can_be_typed(const std::string& word) {
    return !word.empty() && word.find_first_of(" \t\n") == std::string::npos && printable(word) == word;
}

/// Shortens `common` to the prefix that it shares with `word`, without cutting a character.
void keep_common(std::string& common, std::string_view word) {
    const auto ends = std::ranges::mismatch(common, word);
    common.erase(ends.in1, common.end());
    while (!is_text(common)) common.pop_back();
}

}  // namespace

completion find_completion(std::string_view typed, std::span<const std::string> words) {
    typed.remove_prefix(std::min(typed.find_first_not_of(" \t"), typed.size()));
    completion found;
    if (typed.find_first_of(" \t") != std::string_view::npos) return found;
    std::string common;
    for (const auto& word : words) {
        if (!word.starts_with(typed) || !can_be_typed(word)) continue;
        if (found.choices.empty()) {
            common = word;
        } else {
            keep_common(common, word);
        }
        found.choices.push_back(word);
    }
    if (common.size() > typed.size()) found.insert = common.substr(typed.size());
    if (found.choices.size() == 1) found.insert += ' ';
    return found;
}

}  // namespace echosocket::cli
