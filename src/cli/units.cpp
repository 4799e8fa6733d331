#include "cli/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

namespace echosocket::cli {

namespace {

struct unit {
    std::string_view name;
    double factor;
};

constexpr std::array<unit, 5> durations{{{"", 1}, {"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}}};
constexpr std::array<unit, 9> sizes{{{"", 1},
                                     {"B", 1},
                                     {"K", 0x1p10},
                                     {"KiB", 0x1p10},
                                     {"M", 0x1p20},
                                     {"MiB", 0x1p20},
                                     {"G", 0x1p30},
                                     {"GiB", 0x1p30},
                                     {"TiB", 0x1p40}}};
constexpr double longest = 366 * 24 * 3600e3;
constexpr double largest = 0x1p60;

std::optional<double> parse(std::string_view text, std::span<const unit> units, double most) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& known : units) {
        if (known.name != name) continue;
        number = std::round(number * known.factor);
        // Written so that NaN, which from_chars accepts, is refused.
        return number >= 0 && number <= most && !std::signbit(number) ? std::optional(number) : std::nullopt;
    }
    return std::nullopt;
}

/// About three significant digits, without trailing zeros: 0.123, 1.5, 45.
std::string short_number(double value) {
    char text[32];
    const int digits = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    std::string number(text);
    if (number.find('.') == std::string::npos) return number;
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
    return number;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto milliseconds = parse(text, durations, longest);
    if (!milliseconds) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const auto bytes = parse(text, sizes, largest);
    if (!bytes) return std::nullopt;
    return static_cast<std::uint64_t>(*bytes);
}

std::string format_duration(std::chrono::nanoseconds length) {
    const double milliseconds = std::chrono::duration<double, std::milli>(length).count();
    if (milliseconds < 1000) return short_number(milliseconds) + " ms";
    if (milliseconds < 60'000) return short_number(milliseconds / 1000) + " s";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length).count();
    const auto two = [](std::int64_t large, const char* name, std::int64_t small, const char* rest) {
        return std::to_string(large) + name + std::to_string(small) + rest;
    };
    if (seconds < 3600) return two(seconds / 60, " min ", seconds % 60, " s");
    if (seconds < 24 * 3600) return two(seconds / 3600, " h ", seconds % 3600 / 60, " min");
    return two(seconds / 86'400, " d ", seconds % 86'400 / 3600, " h");
}

std::string format_size(std::uint64_t bytes) {
    if (bytes == 1) return "1 byte";
    if (bytes < 1024) return std::to_string(bytes) + " bytes";
    constexpr std::array<const char*, 4> names{" KiB", " MiB", " GiB", " TiB"};
    double size = static_cast<double>(bytes) / 1024;
    std::size_t name = 0;
    for (; size >= 1024 && name + 1 < names.size(); ++name) size /= 1024;
    return short_number(size) + names[name];
}

}  // namespace echosocket::cli
