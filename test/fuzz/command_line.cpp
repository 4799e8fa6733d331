// What a person types and what a stranger sends to be shown: words, durations, sizes, and texts on a terminal.
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "cli/words.hpp"
#include "input.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace echosocket::cli;
using echosocket::fuzz::require;

/// In quotes, so that a shell would take it for one word.
std::string quoted(std::string_view word) {
    std::string out = "'";
    for (const char c : word) c == '\'' ? out += "'\\''" : out += c;
    return out + "'";
}

void split(std::string_view line) {
    const auto words = split_words(line);
    if (!words) return require(!words.error().detail.empty(), "a refusal says why");
    std::string again;
    for (const auto& word : *words) {
        require(word.find('\0') == std::string::npos, "no word holds a NUL");
        again += quoted(word) + ' ';
    }
    const auto second = split_words(again);
    require(second.has_value() && *second == *words, "words in quotes stay as they are");
}

bool may_reach_a_terminal(char32_t c) {
    const bool is_control = (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
    const bool turns_text =
        c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return !is_control && !turns_text;
}

void require_safe(std::string_view shown) {
    require(is_text(shown), "what is shown is UTF-8");
    while (const auto c = take_code_point(shown)) require(may_reach_a_terminal(*c), "what is shown moves no cursor");
}

void show(std::string_view text) {
    const auto shown = printable(text);
    require_safe(shown);
    require(printable(shown) == shown, "what is safe stays as it is");
    const auto line = one_line(text);
    require_safe(line);
    require(line.find('\n') == std::string::npos, "a line is one line");
    (void)width_of(text);
    require(unfinished_size(text) < 4, "a code point lacks three bytes at most");
}

/// `printable_json` takes JSON as a serializer writes it.
std::string without_line_breaks(std::string_view json) {
    std::string out(json);
    std::ranges::replace_if(
        out, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return out;
}

void show_json(std::string_view json) {
    const auto text = without_line_breaks(json);
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    const auto shown = printable_json(text);
    require_safe(shown);
    if (error) return;
    const auto again = boost::json::parse(shown, error);
    require(!error, "JSON that is safe to show is JSON");
    if (is_text(text)) require(again == value, "and of the same value");
}

void measure(std::string_view text) {
    if (const auto length = parse_duration(text)) {
        require(length->count() >= 0 && *length <= std::chrono::years(1), "a duration is at most a year");
        require(!format_duration(*length).empty(), "a duration can be shown");
    }
    if (const auto size = parse_size(text)) {
        require(*size <= std::uint64_t{1} << 60, "a size is at most 2^60");
        require(!format_size(*size).empty(), "a size can be shown");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    echosocket::fuzz::input in(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto kind = in.below(4);
    const auto text = in.bytes(size);
    if (kind == 0) split(text);
    if (kind == 1) show(text);
    if (kind == 2) show_json(text);
    if (kind == 3) measure(text);
    return 0;
}
