// Shared by the benchmark's clients: each calls for a while and prints how long the calls took.
#pragma once

#include "arguments.hpp"
#include "cli/load/load.hpp"
#include "cli/load/timing.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace echosocket::bench {

/// When to stop calling, and how the calls went. For one thread.
class call_log {
public:
    explicit call_log(const arguments& given)
        : measured_from_(load::now_ns() + ms(given.number("warm-up", 100))),
          until_(measured_from_ + ms(given.number("duration", 1'000))) {}

    /// Returns true from the first call that would begin after the end.
    [[nodiscard]] bool over() const noexcept { return now_ >= until_; }

    std::int64_t begin() noexcept { return now_ = load::now_ns(); }

    /// When the last call ended: the next call may use it as its begin, which saves reading the clock.
    [[nodiscard]] std::int64_t end_of_last() const noexcept { return now_; }

    void end(std::int64_t began, bool right) noexcept {
        now_ = load::now_ns();
        if (!right) ++outcome_.wrong;
        if (now_ < measured_from_) return;
        if (cpu_before_ == 0) cpu_before_ = process_cpu();
        if (now_ < until_) {
            outcome_.latency.record(static_cast<std::uint64_t>(now_ - began));
        } else if (cpu_after_ == 0) {
            cpu_after_ = process_cpu();
        }
    }

    /// Prints the report; returns the exit status.
    int print() {
        outcome_.took = std::chrono::nanoseconds(until_ - measured_from_);
        outcome_.answers = outcome_.latency.count();
        outcome_.cpu = (cpu_after_ - cpu_before_) / outcome_.took.count();
        std::puts(load::to_json(outcome_, true).c_str());
        return outcome_.wrong == 0 && outcome_.answers > 0 ? 0 : 1;
    }

private:
    static std::int64_t ms(std::size_t count) { return static_cast<std::int64_t>(count) * 1'000'000; }

    static double process_cpu() noexcept {
        timespec used{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
    }

    std::int64_t measured_from_;
    std::int64_t until_;
    std::int64_t now_ = 0;
    double cpu_before_ = 0;
    double cpu_after_ = 0;
    load::report outcome_;
};

/// A body whose first 8 bytes are the call's number.
inline std::string numbered_body(std::size_t size, std::uint64_t number) {
    std::string body(size, 'e');
    std::memcpy(body.data(), &number, std::min(size, sizeof number));
    return body;
}

}  // namespace echosocket::bench
