// What TAB does to a line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// Either something to insert, or several words to choose from, or neither.
struct completion {
    std::string insert{};                ///< With a blank behind it where the word is complete.
    std::vector<std::string> choices{};  ///< Words that begin with what was typed.
};

/// Completes the first word of a line; `typed` is what stands before the cursor. Words with blanks or characters that
/// a terminal must not see are never offered: they come from a server.
[[nodiscard]] completion find_completion(std::string_view typed, std::span<const std::string> words);

}  // namespace echosocket::cli
