// One time limit for several steps.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace echosocket::cli {

/// Starts when it is constructed.
class time_budget {
public:
    using clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    /// `whole` is in ms; 0 is no limit.
    explicit time_budget(milliseconds whole) : whole_(whole), begin_(clock::now()) {}

    [[nodiscard]] milliseconds whole() const noexcept { return whole_; }
    [[nodiscard]] clock::duration used() const noexcept { return clock::now() - begin_; }

    /// The rest in ms, at least 1; empty if there is no limit.
    [[nodiscard]] std::optional<milliseconds> left() const noexcept {
        if (whole_ == milliseconds::zero()) return std::nullopt;
        return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(whole_ - used()));
    }

    /// The rest as a call's timeout, in which 0 is no limit.
    [[nodiscard]] milliseconds for_call() const noexcept { return left().value_or(milliseconds::zero()); }

private:
    milliseconds whole_;
    clock::time_point begin_;
};

}  // namespace echosocket::cli
