#include "cli/tasks/text_tasks.hpp"

#include "cli/text.hpp"

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cwctype>

namespace echosocket::cli {

namespace {

failure not_text(std::size_t position) {
    return {errc::bad_request,
            "expected UTF-8 text; byte " + std::to_string(position) + " is not part of any character"};
}

char32_t upper(char32_t c) noexcept {
    // The C library's own tables, independent of the user's locale; null only if the system lacks them.
    static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (c < 0x80 || unicode == nullptr) return c >= U'a' && c <= U'z' ? c - 32 : c;
    return static_cast<char32_t>(::towupper_l(static_cast<wint_t>(c), unicode));
}

}  // namespace

result<std::string> reverse_text(std::string_view text) {
    std::string reversed(text.size(), '\0');
    auto to = reversed.end();
    auto rest = text;
    while (!rest.empty()) {
        const auto before = rest;
        if (!take_code_point(rest)) return not_text(text.size() - rest.size());
        const auto character = before.substr(0, before.size() - rest.size());
        to -= static_cast<std::ptrdiff_t>(character.size());
        std::ranges::copy(character, to);
    }
    return reversed;
}

result<std::string> upper_text(std::string_view text) {
    std::string capitals;
    capitals.reserve(text.size());
    auto rest = text;
    while (!rest.empty()) {
        const auto c = take_code_point(rest);
        if (!c) return not_text(text.size() - rest.size());
        append_code_point(capitals, upper(*c));
    }
    return capitals;
}

std::string iso_time(std::chrono::system_clock::time_point when) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(when);
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

}  // namespace echosocket::cli
