#include "cli/text.hpp"

#include "wire/utf8.hpp"

#include <cstdint>
#include <cstdio>

namespace echosocket::cli {

namespace {

struct lead {
    std::size_t size;
    char32_t bits;
    char32_t least;  // longer encodings of smaller code points are invalid
};

std::optional<lead> read_lead(unsigned char c) noexcept {
    if (c < 0x80) return lead{1, c, 0};
    if ((c & 0xe0) == 0xc0) return lead{2, c & 0x1fu, 0x80};
    if ((c & 0xf0) == 0xe0) return lead{3, c & 0x0fu, 0x800};
    if ((c & 0xf8) == 0xf0) return lead{4, c & 0x07u, 0x10000};
    return std::nullopt;
}

void append_escape(std::string& out, const char* form, unsigned value) {
    char text[16];
    std::snprintf(text, sizeof text, form, value);
    out += text;
}

enum class text_form { lines, line, json };

bool stays(char32_t c, text_form wanted) noexcept {
    return wire::is_harmless(c) || (c == '\t' && wanted != text_form::json) ||
           (c == '\n' && wanted == text_form::lines);
}

void append_escaped(std::string& out, char32_t c, text_form wanted) {
    if (c == '\n' && wanted == text_form::line) {
        out += "\\n";
    } else {
        append_escape(out, c < 0x80 && wanted != text_form::json ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
    }
}

std::string escape(std::string_view bytes, text_form wanted) {
    std::string shown;
    shown.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto code_point = take_code_point(bytes);
        if (!code_point && wanted == text_form::json) {
            shown += "\\ufffd";
        } else if (!code_point) {
            append_escape(shown, "\\x%02x", static_cast<unsigned char>(bytes[0]));
        } else if (stays(*code_point, wanted)) {
            append_code_point(shown, *code_point);
        } else {
            append_escaped(shown, *code_point, wanted);
        }
        if (!code_point) bytes.remove_prefix(1);
    }
    return shown;
}

}  // namespace

std::optional<char32_t> take_code_point(std::string_view& rest) noexcept {
    if (rest.empty()) return std::nullopt;
    const auto first = read_lead(static_cast<unsigned char>(rest[0]));
    if (!first || rest.size() < first->size) return std::nullopt;
    char32_t value = first->bits;
    for (std::size_t i = 1; i < first->size; ++i) {
        const auto c = static_cast<unsigned char>(rest[i]);
        if ((c & 0xc0) != 0x80) return std::nullopt;
        value = value << 6 | (c & 0x3fu);
    }
    if (value < first->least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
    rest.remove_prefix(first->size);
    return value;
}

void append_code_point(std::string& out, char32_t c) {
    const auto add = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    const auto add_rest = [&add, c](int shift) { add(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) return add(c);
    if (c < 0x800) {
        add(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            add(0xe0 | c >> 12);
        } else {
            add(0xf0 | c >> 18);
            add_rest(12);
        }
        add_rest(6);
    }
    add_rest(0);
}

bool is_text(std::string_view bytes) noexcept {
    while (!bytes.empty())
        if (!take_code_point(bytes)) return false;
    return true;
}

std::string printable(std::string_view bytes) {
    return escape(bytes, text_form::lines);
}

std::string one_line(std::string_view bytes) {
    return escape(bytes, text_form::line);
}

std::string printable_json(std::string_view json) {
    return escape(json, text_form::json);
}

std::size_t unfinished_size(std::string_view bytes) noexcept {
    for (std::size_t size = 1; size <= 3 && size <= bytes.size(); ++size) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - size]);
        if ((byte & 0xc0) == 0x80) continue;
        const auto first = read_lead(byte);
        return first && first->size > size ? size : 0;
    }
    return 0;
}

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return width;
}

}  // namespace echosocket::cli
