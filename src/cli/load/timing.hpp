// The wall clock and the CPU clock of a measurement.
#pragma once

#include <sys/resource.h>
#include <cstdint>
#include <ctime>

namespace echosocket::load {

[[nodiscard]] inline std::int64_t now_ns() noexcept {
    timespec t{};
    ::clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

/// CPU time of this thread, in seconds.
[[nodiscard]] inline double cpu_seconds() noexcept {
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace echosocket::load
