#include "cli/tasks/file_name.hpp"

#include <charconv>
#include <utility>

namespace echosocket::cli {

namespace {

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        unsigned char byte = 0;
        const auto digits = text.substr(0, 3).substr(1);
        const bool escape = text[0] == '%' && digits.size() == 2 &&
                            std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2;
        decoded += escape ? static_cast<char>(byte) : text[0];
        text.remove_prefix(escape ? 3 : 1);
    }
    return decoded;
}

bool is_plain(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
}

/// Name and extension, which includes the dot; an extension of more than 16 bytes does not count as one.
std::pair<std::string_view, std::string_view> split_ending(std::string_view name) {
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || name.size() - dot > 16) return {name, {}};
    return {name.substr(0, dot), name.substr(dot)};
}

}  // namespace

std::string safe_file_name(std::string_view url_path) {
    // Split before decoding: an encoded slash is part of a name, and becomes `_` like other special characters.
    std::string name = percent_decoded(url_path.substr(url_path.rfind('/') + 1));
    for (char& c : name)
        if (!is_plain(c)) c = '_';
    name.erase(0, name.find_first_not_of(".-"));
    if (name.empty()) return "download";
    if (name.size() <= longest_file_name) return name;
    const auto [stem, ending] = split_ending(name);
    return std::string(stem.substr(0, longest_file_name - ending.size())) + std::string(ending);
}

std::string numbered_file_name(std::string_view name, unsigned attempt) {
    if (attempt == 0) return std::string(name);
    const auto [stem, ending] = split_ending(name);
    return std::string(stem) + '-' + std::to_string(attempt) + std::string(ending);
}

}  // namespace echosocket::cli
