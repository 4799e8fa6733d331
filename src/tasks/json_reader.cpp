// JSON to values: the parts that need no template.
#include <echosocket/detail/json_reader.hpp>
#include <echosocket/detail/json_writer.hpp>

#include "wire/utf8.hpp"

#include <charconv>
#include <cmath>
#include <optional>

namespace echosocket::detail {
namespace {

constexpr std::size_t shown_bytes = 40;  // bytes of a received text that an error shows

std::string shown(std::string_view text) {
    return wire::printable(text, shown_bytes) + (text.size() > shown_bytes ? "..." : "");
}

std::string_view view(const json::string& text) noexcept {
    return {text.data(), text.size()};
}

std::string describe_value(const json::value& value) {
    if (const auto* text = value.if_string()) return "string \"" + shown(view(*text)) + '"';
    if (value.is_object()) return "an object";
    if (const auto* array = value.if_array()) return "a list of " + std::to_string(array->size());
    std::string written;
    if (value.is_double() && !std::isfinite(value.get_double())) {
        written = "a number out of all range";
    } else {
        append_json(written, value);
    }
    return written;
}

bool is_integer(const json::value& value) noexcept {
    if (value.is_double()) return std::trunc(value.get_double()) == value.get_double();
    return value.is_int64() || value.is_uint64();
}

/// The value as `Integer`; empty if it is out of range.
template <class Integer>
std::optional<Integer> in_range(const json::value& value) noexcept {
    if (const auto* number = value.if_double()) {
        const auto high = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
        const auto low = std::is_signed_v<Integer> ? -high : 0.0;
        if (*number < low || *number >= high) return std::nullopt;
        return static_cast<Integer>(*number);
    }
    const auto* negative = value.if_int64();
    if (negative ? std::in_range<Integer>(*negative) : std::in_range<Integer>(value.get_uint64()))
        return negative ? static_cast<Integer>(*negative) : static_cast<Integer>(value.get_uint64());
    return std::nullopt;
}

template <class Integer>
bool read_in_range(const json::value& from, Integer low, Integer high, Integer& into, mismatch& why) {
    if (!is_integer(from)) {
        why.expected("integer", from);
        return false;
    }
    const auto number = in_range<Integer>(from);
    if (!number || *number < low || *number > high) {
        why.expected("integer from " + std::to_string(low) + " to " + std::to_string(high), from);
        return false;
    }
    into = *number;
    return true;
}

/// Rounds to the nearest `Number`: what is above the largest one by less than half a step is the largest one.
template <class Number>
bool read_finite(const json::value& from, Number& into, mismatch& why) {
    if (!from.is_number()) {
        why.expected("number", from);
        return false;
    }
    const auto number = static_cast<Number>(from.to_number<double>());
    if (!std::isfinite(number)) {
        std::string bound;
        append_number(bound, std::numeric_limits<Number>::max());
        why.expected("number up to " + bound, from);
        return false;
    }
    into = number;
    return true;
}

template <class Integer>
bool parse_whole(std::string_view text, Integer& into) noexcept {
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, into);
    return error == std::errc() && stopped == end;
}

int base64_value(char digit) noexcept {
    if (digit >= 'A' && digit <= 'Z') return digit - 'A';
    if (digit >= 'a' && digit <= 'z') return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9') return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool decode_base64(std::string_view text, std::vector<std::byte>& into) {
    if (text.size() % 4 != 0) return false;
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char digit : text) {
        const int value = base64_value(digit);
        if (value < 0) return false;
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        into.push_back(static_cast<std::byte>(group >> bits));
    }
    return true;
}

}  // namespace

void mismatch::expected(std::string_view type, const json::value& got) {
    what_.assign("expected ").append(type).append(", got ").append(describe_value(got));
}

void mismatch::expected_key(std::string_view type, std::string_view got) {
    what_.assign("expected keys of the type ").append(type).append(", got \"").append(shown(got)).append("\"");
}

void mismatch::missing(std::string_view field, std::string_view type) {
    what_.assign("missing, expected ").append(type);
    at_field(field);
}

void mismatch::at_index(std::size_t index) {
    const bool joined = path_.empty() || path_.front() == '[';
    path_.insert(0, '[' + std::to_string(index) + (joined ? "]" : "]."));
}

void mismatch::at_field(std::string_view name) {
    const bool joined = path_.empty() || path_.front() == '[';
    path_.insert(0, (name.empty() ? "\"\"" : shown(name)) + (joined ? "" : "."));
}

std::string mismatch::text(std::string_view subject) const {
    std::string text(subject);
    if (!path_.empty()) text.append(path_.front() == '[' ? ", item `" : ", field `").append(path_).append("`");
    return text.append(": ").append(what_);
}

bool parse_integer(std::string_view text, std::int64_t& into) noexcept {
    return parse_whole(text, into);
}

bool parse_integer(std::string_view text, std::uint64_t& into) noexcept {
    return parse_whole(text, into);
}

bool read_boolean(const json::value& from, bool& into, mismatch& why) {
    const auto* found = from.if_bool();
    if (found == nullptr) {
        why.expected("boolean", from);
        return false;
    }
    into = *found;
    return true;
}

bool read_integer(const json::value& from, std::int64_t low, std::int64_t high, std::int64_t& into, mismatch& why) {
    return read_in_range(from, low, high, into, why);
}

bool read_integer(const json::value& from, std::uint64_t high, std::uint64_t& into, mismatch& why) {
    return read_in_range(from, std::uint64_t{0}, high, into, why);
}

bool read_number(const json::value& from, float& into, mismatch& why) {
    return read_finite(from, into, why);
}

bool read_number(const json::value& from, double& into, mismatch& why) {
    return read_finite(from, into, why);
}

bool read_text(const json::value& from, std::string& into, mismatch& why) {
    const auto* found = from.if_string();
    if (found == nullptr) {
        why.expected("string", from);
        return false;
    }
    into.assign(found->data(), found->size());
    return true;
}

bool read_bytes(const json::value& from, std::vector<std::byte>& into, mismatch& why) {
    into.clear();
    const auto* found = from.if_string();
    if (found != nullptr && decode_base64(view(*found), into)) return true;
    why.expected("bytes in base64", from);
    return false;
}

}  // namespace echosocket::detail
