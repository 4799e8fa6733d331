#include "connection/memory_budget.hpp"

#include <unistd.h>
#include <algorithm>

namespace echosocket::net {

void memory_budget::hold(std::size_t bytes) noexcept {
    const auto before = held_.fetch_add(bytes, std::memory_order_relaxed);
    if (before <= soft_ && before + bytes > soft_) tell();
    if (before + bytes > bytes_) told_.memory_is_exceeded();
}

void memory_budget::release(std::size_t bytes) noexcept {
    const auto before = held_.fetch_sub(bytes, std::memory_order_relaxed);
    if (before > soft_ && before - bytes <= soft_) tell();
}

// Whoever comes last tells what is true then, whatever the order in which two threads crossed the bound.
void memory_budget::tell() noexcept {
    const std::lock_guard lock(telling_);
    told_.memory_is_short(is_short());
}

std::size_t default_memory_budget() noexcept {
    constexpr std::size_t most = 1024 * 1024 * 1024;
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_size <= 0) return most;
    return std::min(most, static_cast<std::size_t>(pages) / 4 * static_cast<std::size_t>(page_size));
}

}  // namespace echosocket::net
