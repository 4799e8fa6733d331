// Random numbers that follow from a seed: what a simulation draws.
#pragma once

#include <cstdint>
#include <type_traits>

namespace echosocket::testing {

/// Numbers that follow from the seed alone, the same with every compiler.
///
/// It is a uniform random bit generator too. But what the standard's distributions make of it is each library's own, so
/// use `below`, `between` and `one_in` if a seed has to mean the same everywhere.
///
/// Thread safety: none.
class random_source {
public:
    using result_type = std::uint64_t;

    explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] static constexpr result_type min() noexcept { return 0; }
    [[nodiscard]] static constexpr result_type max() noexcept { return UINT64_MAX; }
    /// The next number of the sequence SplitMix64.
    result_type operator()() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    /// 0 to `count` - 1; `count` must not be 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t count) noexcept { return (*this)() % count; }

    /// `least` to `most`, both included: integers or durations.
    template <class T>
    [[nodiscard]] T between(T least, T most) noexcept {
        if constexpr (std::is_integral_v<T>) {
            return static_cast<T>(static_cast<std::uint64_t>(least) +
                                  upto(static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least)));
        } else {
            return T(between(least.count(), most.count()));
        }
    }

    /// True once in `times` on average; never if it is 0.
    [[nodiscard]] bool one_in(std::uint64_t times) noexcept { return times != 0 && below(times) == 0; }

    /// Where the sequence stands: equal for sources of one seed that were asked equally often.
    [[nodiscard]] std::uint64_t position() const noexcept { return state_; }

private:
    [[nodiscard]] std::uint64_t upto(std::uint64_t most) noexcept {
        return most == UINT64_MAX ? (*this)() : below(most + 1);
    }

    std::uint64_t state_;
};

}  // namespace echosocket::testing
