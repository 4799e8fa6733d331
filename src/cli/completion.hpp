// Tab completion.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// A text to insert, or several words to choose from, or neither.
struct completion {
    std::string insert{};                ///< Ends with a space if the word is complete.
    std::vector<std::string> choices{};  ///< Words that begin with what was typed.
};

/// Completes the first word of a line; `typed` is the text before the cursor. Never offers words with spaces or with
/// characters that are unsafe on a terminal, because the words come from a server.
[[nodiscard]] completion find_completion(std::string_view typed, std::span<const std::string> words);

}  // namespace echosocket::cli
