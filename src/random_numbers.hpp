// The library's random numbers: all of them come from here, so that a simulation can repeat them.
#pragma once

#include <cstdint>
#include <random>
#include <utility>

namespace echosocket {

namespace detail {

inline thread_local std::minstd_rand* seeded_random_numbers = nullptr;

}  // namespace detail

/// For jitter and shuffling; nothing that anybody must not guess.
///
/// Thread safety: each thread has its own.
[[nodiscard]] inline std::minstd_rand& random_numbers() {
    if (detail::seeded_random_numbers != nullptr) return *detail::seeded_random_numbers;
    thread_local std::minstd_rand numbers{std::random_device{}()};
    return numbers;
}

/// 32 bits from the system's random source, which nobody can guess; in a simulation they follow from its seed.
[[nodiscard]] inline std::uint32_t secret_random_bits() {
    if (detail::seeded_random_numbers != nullptr) {
        const auto low = static_cast<std::uint32_t>((*detail::seeded_random_numbers)());
        const auto high = static_cast<std::uint32_t>((*detail::seeded_random_numbers)());
        return low ^ (high << 16U);
    }
    thread_local std::random_device random;
    return random();
}

/// While it exists, `numbers` take the place of this thread's own.
class use_random_numbers {
public:
    explicit use_random_numbers(std::minstd_rand& numbers) noexcept
        : before_(std::exchange(detail::seeded_random_numbers, &numbers)) {}
    use_random_numbers(const use_random_numbers&) = delete;
    use_random_numbers& operator=(const use_random_numbers&) = delete;
    ~use_random_numbers() { detail::seeded_random_numbers = before_; }

private:
    std::minstd_rand* before_;
};

}  // namespace echosocket
