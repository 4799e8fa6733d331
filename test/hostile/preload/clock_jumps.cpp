// Preloaded into a server: a system clock that jumps by up to a year, back and forth, each time that it is read. The
// steady clock goes on as it does.
#include <dlfcn.h>
#include <sys/time.h>
#include <atomic>
#include <cstdint>
#include <ctime>

namespace {

constexpr std::int64_t year = 365 * 24 * 3600;

/// Seconds; every other one is negative.
std::int64_t next_jump() noexcept {
    static std::atomic<std::uint64_t> readings{0};
    const auto n = readings.fetch_add(1, std::memory_order_relaxed) + 1;
    const auto distance = static_cast<std::int64_t>(n * 0x9e3779b97f4a7c15U % year);
    return n % 2 == 0 ? distance : -distance;
}

int real_clock(clockid_t which, timespec* now) {
    using function = int (*)(clockid_t, timespec*);
    static const auto original = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "clock_gettime"));
    return original(which, now);
}

std::int64_t jumped_seconds(std::int64_t seconds) noexcept {
    return seconds + next_jump();
}

}  // namespace

extern "C" int clock_gettime(clockid_t which, timespec* now) noexcept {
    const int failed = real_clock(which, now);
    if (failed == 0 && which == CLOCK_REALTIME) now->tv_sec = jumped_seconds(now->tv_sec);
    return failed;
}

extern "C" int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
    timespec precise{};
    const int failed = real_clock(CLOCK_REALTIME, &precise);
    if (failed == 0) *now = {jumped_seconds(precise.tv_sec), precise.tv_nsec / 1000};
    return failed;
}

extern "C" time_t time(time_t* into) noexcept {
    timespec precise{};
    real_clock(CLOCK_REALTIME, &precise);
    const auto now = jumped_seconds(precise.tv_sec);
    if (into != nullptr) *into = now;
    return now;
}
