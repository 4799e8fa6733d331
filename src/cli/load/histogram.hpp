// A histogram of latencies with narrow buckets over the whole range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace echosocket::load {

/// A log-linear histogram of nanoseconds: 128 buckets per power of two, so that no value is off by more than 0.8 %.
/// Recording costs a few instructions and allocates nothing.
class histogram {
public:
    histogram();

    /// Values above `largest` are counted as `largest`.
    void record(std::uint64_t nanoseconds) noexcept;
    void merge(const histogram& other) noexcept;
    void clear() noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    [[nodiscard]] double mean() const noexcept;

    /// The value that the given share of all values does not exceed: 0.5 is the median. 0 if nothing was recorded.
    [[nodiscard]] std::uint64_t value_at(double share) const noexcept;

    struct bucket {
        std::uint64_t highest;  ///< The largest value in the bucket.
        std::uint64_t count;
    };
    /// The buckets that are not empty, in ascending order.
    [[nodiscard]] std::vector<bucket> buckets() const;

    static constexpr std::uint64_t largest = (std::uint64_t{1} << 40) - 1;  ///< About 18 minutes.

private:
    static std::size_t index_of(std::uint64_t value) noexcept;
    static std::uint64_t highest_in(std::size_t index) noexcept;

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = largest;
    std::uint64_t max_ = 0;
};

}  // namespace echosocket::load
