// Values to JSON text: the parts that need no template.
#include <echosocket/detail/json_writer.hpp>

#include "wire/utf8.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace echosocket::detail {
namespace {

namespace json = boost::json;

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

template <class Number>
void append_digits(std::string& out, Number value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

template <class Number>
void append_finite(std::string& out, Number value) {
    if (std::isfinite(value)) {
        append_digits(out, value);
    } else {
        out += "null";
    }
}

/// Replaces every byte that is not part of a UTF-8 character by U+FFFD.
std::string repaired(std::string_view text) {
    std::string valid;
    while (!text.empty()) {
        std::size_t size = 1;
        while (size <= 4 && !wire::is_utf8(text.substr(0, size))) ++size;
        const bool broken = size > 4;
        valid += broken ? "\xEF\xBF\xBD" : text.substr(0, size);
        text.remove_prefix(broken ? 1 : std::min(size, text.size()));
    }
    return valid;
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view plain = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    const auto short_form = plain.find(c);
    out += '\\';
    if (short_form != std::string_view::npos) {
        out += letters[short_form];
    } else {
        constexpr std::string_view hex = "0123456789abcdef";
        out += "u00";
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[static_cast<unsigned char>(c) & 15];
    }
}

bool needs_escape(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_array(std::string& out, const json::array& array) {
    char separator = '[';
    for (const auto& item : array) {
        out += separator;
        append_json(out, item);
        separator = ',';
    }
    out += array.empty() ? "[]" : "]";
}

void append_object(std::string& out, const json::object& object) {
    char separator = '{';
    for (const auto& member : object) {
        out += separator;
        append_string(out, {member.key().data(), member.key().size()});
        out += ':';
        append_json(out, member.value());
        separator = ',';
    }
    out += object.empty() ? "{}" : "}";
}

}  // namespace

void append_integer(std::string& out, std::int64_t value) {
    append_digits(out, value);
}

void append_integer(std::string& out, std::uint64_t value) {
    append_digits(out, value);
}

void append_number(std::string& out, float value) {
    // The shortest text of this one float, of all floats, is so near the middle to the next one that a reader which
    // goes by way of a double takes it for that one. Ours does too, and so do those in other languages.
    constexpr float misread = 0x1.5c87fap-84F;
    if (std::abs(value) == misread) return append_finite(out, static_cast<double>(value));
    append_finite(out, value);
}

void append_number(std::string& out, double value) {
    append_finite(out, value);
}

void append_string(std::string& out, std::string_view text) {
    std::string valid;
    if (!wire::is_utf8(text)) text = valid = repaired(text);
    out += '"';
    while (true) {
        const auto run = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), needs_escape) - text.begin());
        out += text.substr(0, run);
        if (run == text.size()) break;
        append_escaped(out, text[run]);
        text.remove_prefix(run + 1);
    }
    out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
    out += '"';
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        const auto byte = [bytes](std::size_t at) -> std::uint32_t {
            return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
        };
        const auto group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += base64_digits[group >> 18];
        out += base64_digits[group >> 12 & 63];
        out += bytes.size() > 1 ? base64_digits[group >> 6 & 63] : '=';
        out += bytes.size() > 2 ? base64_digits[group & 63] : '=';
    }
    out += '"';
}

void append_json(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            out += "null";
            break;
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            break;
        case json::kind::int64:
            append_digits(out, value.get_int64());
            break;
        case json::kind::uint64:
            append_digits(out, value.get_uint64());
            break;
        case json::kind::double_:
            append_finite(out, value.get_double());
            break;
        case json::kind::string:
            append_string(out, {value.get_string().data(), value.get_string().size()});
            break;
        case json::kind::array:
            append_array(out, value.get_array());
            break;
        case json::kind::object:
            append_object(out, value.get_object());
            break;
    }
}

}  // namespace echosocket::detail
