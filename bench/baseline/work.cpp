// The machine's own speed at the CPU-bound task: how many iterations take a given number of microseconds, and how many
// such tasks an otherwise idle core completes.
#include "work.hpp"

#include "arguments.hpp"
#include "cli/load/timing.hpp"

#include <algorithm>
#include <cstdio>

namespace {

using namespace echosocket;

std::uint64_t iterations_in(std::int64_t nanoseconds) {
    constexpr std::uint64_t sample = 200'000;
    std::int64_t shortest = INT64_MAX;
    std::uint64_t seed = 1;
    for (int i = 0; i < 50; ++i) {
        const auto began = load::now_ns();
        seed = bench::work(seed, sample);
        shortest = std::min(shortest, load::now_ns() - began);
    }
    return seed == 0 ? 0 : sample * static_cast<std::uint64_t>(nanoseconds) / static_cast<std::uint64_t>(shortest);
}

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    if (const auto microseconds = given.number("calibrate", 0); microseconds > 0) {
        const auto iterations = iterations_in(static_cast<std::int64_t>(microseconds) * 1'000);
        std::printf("%llu\n", static_cast<unsigned long long>(iterations));
        return 0;
    }
    const auto until = load::now_ns() + static_cast<std::int64_t>(given.number("duration", 1'000)) * 1'000'000;
    std::uint64_t seed = 1;
    std::uint64_t tasks = 0;
    for (; load::now_ns() < until; ++tasks) seed = bench::work(seed, given.number("iterations", 10'000));
    std::printf("%llu\n", static_cast<unsigned long long>(seed == 0 ? 0 : tasks));
}
