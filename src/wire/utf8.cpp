// Texts that peers send: names, and what of them may be shown.
#include "wire/utf8.hpp"

#include "wire/little_endian.hpp"

namespace echosocket::wire {

namespace {

struct character {
    std::size_t size = 0;  // bytes; 0 if there is no valid sequence
    char32_t point = 0;
};

/// The first character of `text`, which must not be empty.
character first_character(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {1, lead};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};

    char32_t point = lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        point = point << 6 | (byte(i) & 0x3FU);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < least[size] || point > 0x10FFFF || surrogate) return {};
    return {size, point};
}

std::size_t ascii_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (text.size() - at >= sizeof(std::uint64_t) &&
           (load<std::uint64_t>(text.data() + at) & 0x8080808080808080U) == 0)
        at += sizeof(std::uint64_t);
    return at;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const auto [size, point] = first_character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

// What only joins, parts or hides letters stays: U+00AD and U+200B to U+200D belong to words of many languages and to
// emoji, and a terminal does nothing at them.
bool is_harmless(char32_t point) noexcept {
    const bool controls = point < 0x20 || (point >= 0x7F && point <= 0x9F);
    const bool breaks_line = point == 0x2028 || point == 0x2029;
    const bool turns_direction = point == 0x061C || point == 0x200E || point == 0x200F ||
                                 (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x206F);
    return !controls && !breaks_line && !turns_direction && point != 0xFEFF;
}

bool is_valid_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= max_name && is_utf8(name);
}

std::string_view head_of(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most);
}

std::string printable(std::string_view untrusted, std::size_t most) {
    std::string shown;
    while (!untrusted.empty()) {
        const auto [size, point] = first_character(untrusted);
        const bool bad = size == 0 || !is_harmless(point);
        if (shown.size() + (bad ? 1 : size) > most) break;
        shown.append(bad ? "?" : untrusted.substr(0, size));
        untrusted.remove_prefix(size == 0 ? 1 : size);
    }
    return shown;
}

}  // namespace echosocket::wire
