// An allowance that is used up at once and comes back slowly. Pure: the caller names the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace echosocket::protocol {

class token_bucket {
public:
    using time_point = std::chrono::steady_clock::time_point;

    token_bucket(double capacity, double per_second) noexcept
        : capacity_(capacity), per_second_(per_second), level_(capacity) {}

    /// Takes one token; false where none is left.
    bool take(time_point now) noexcept {
        if (last_) {
            const std::chrono::duration<double> passed = now - *last_;
            level_ = std::min(capacity_, level_ + std::max(0.0, passed.count()) * per_second_);
        }
        last_ = now;
        if (level_ < 1.0) return false;
        level_ -= 1.0;
        return true;
    }

private:
    double capacity_;
    double per_second_;
    double level_;
    std::optional<time_point> last_{};
};

}  // namespace echosocket::protocol
