#include "cli/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace echosocket::load {

namespace {

constexpr unsigned linear_bits = 7;  // 128 buckets per power of two
constexpr std::size_t per_power = std::size_t{1} << linear_bits;
constexpr std::size_t powers = 40 - linear_bits;  // up to histogram::largest
constexpr std::size_t bucket_count = (powers + 1) * per_power;

}  // namespace

histogram::histogram() : counts_(bucket_count) {}

// Below 256 each bucket holds one value; above, the eight leading bits of a value select its bucket.
std::size_t histogram::index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > linear_bits + 1 ? width - linear_bits - 1 : 0;
    return shift * per_power + static_cast<std::size_t>(value >> shift);
}

std::uint64_t histogram::highest_in(std::size_t index) noexcept {
    if (index < 2 * per_power) return index;
    const std::size_t shift = index / per_power - 1;
    return ((index - shift * per_power + 1) << shift) - 1;
}

void histogram::record(std::uint64_t nanoseconds) noexcept {
    const auto value = std::min(nanoseconds, largest);
    ++counts_[index_of(value)];
    ++count_;
    sum_ += value;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
}

void histogram::merge(const histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

void histogram::clear() noexcept {
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = sum_ = max_ = 0;
    min_ = largest;
}

double histogram::mean() const noexcept {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t histogram::value_at(double share) const noexcept {
    if (count_ == 0) return 0;
    const auto rank = std::clamp<std::uint64_t>(
        static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::min(highest_in(i), max_);
    }
    return max_;
}

std::vector<histogram::bucket> histogram::buckets() const {
    std::vector<bucket> filled;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] != 0) filled.push_back({highest_in(i), counts_[i]});
    return filled;
}

}  // namespace echosocket::load
