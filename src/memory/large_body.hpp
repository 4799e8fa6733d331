// Hints to the system about the memory of large bodies; if it ignores them, nothing else changes.
#pragma once

#include <cstddef>
#include <string>

namespace echosocket::net {

/// Call before `body` is filled up to its capacity: its memory may use large pages, with a fraction of the page faults.
void will_be_filled(std::string& body) noexcept;

/// Call when the bytes from `begin` to `end` of `body` are no longer read: returns the whole pages among them to the
/// system, and their contents are lost. Called step by step, because freeing tens of megabytes at once would block the
/// thread. Returns where the next step begins.
[[nodiscard]] std::size_t give_back(const std::string& body, std::size_t begin, std::size_t end) noexcept;

/// Call when `body` is complete: returns the pages beyond its end, so that a short body does not keep a large page.
void was_filled(const std::string& body) noexcept;

}  // namespace echosocket::net
