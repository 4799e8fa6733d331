// The bytes of a fuzzer, read as decisions. Where they have run out, every decision is the first one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string_view>

namespace echosocket::fuzz {

class input {
public:
    explicit input(std::string_view bytes) noexcept : left_(bytes) {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
    std::uint8_t byte() noexcept {
        if (left_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return first;
    }
    std::uint16_t two_bytes() noexcept {
        const unsigned low = byte();
        return static_cast<std::uint16_t>(low | unsigned{byte()} << 8);
    }
    /// From 0 to `bound` - 1.
    std::size_t below(std::size_t bound) noexcept { return bound <= 256 ? byte() % bound : two_bytes() % bound; }
    bool one_in(std::size_t n) noexcept { return below(n) == 1; }
    /// One of these.
    template <class T, std::size_t n>
    T one_of(const T (&all)[n]) noexcept {
        return all[below(n)];
    }
    /// As many as there are, `most` at most.
    std::string_view bytes(std::size_t most) noexcept {
        const auto taken = left_.substr(0, most);
        left_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view left_;
};

/// Ends the program, so that the fuzzer keeps its input.
inline void require(bool holds, const char* what, std::source_location at = std::source_location::current()) {
    if (holds) [[likely]]
        return;
    std::fprintf(stderr, "%s:%u: does not hold: %s\n", at.file_name(), static_cast<unsigned>(at.line()), what);
    std::abort();
}

}  // namespace echosocket::fuzz
