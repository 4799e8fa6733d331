// Durations and sizes in the form that people write.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// `250`, `250ms`, `1.5s`, `2m`, `1h`: a number without a unit is in ms. Empty for anything else, for negative
/// durations and for those above a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `4096`, `64KiB`, `1.5MiB`, `2G`: units are powers of 1024; a number without a unit is in bytes. Empty for anything
/// else and for sizes above 2^60.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// `0.123 ms`, `45 ms`, `1.5 s`, `3 min 20 s`.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds length);

/// `512 bytes`, `1.5 KiB`, `64 MiB`.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

}  // namespace echosocket::cli
