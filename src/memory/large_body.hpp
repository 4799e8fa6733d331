// What the system is told about the memory of large bodies. Hints: where it does not take them, all goes on as before.
#pragma once

#include <cstddef>
#include <string>

namespace echosocket::net {

/// `body` is about to be filled up to its capacity: its memory may come in large pages, at a fraction of the faults.
void will_be_filled(std::string& body) noexcept;

/// Nobody reads the bytes from `begin` to `end` of `body` any more: its whole pages there go back to the system, step
/// by step, where freeing tens of megabytes at once would hold up whoever does it. What was in them is lost. Returns
/// where the next step begins.
[[nodiscard]] std::size_t give_back(const std::string& body, std::size_t begin, std::size_t end) noexcept;

/// `body` is complete: what it was given beyond its end goes back, so that whoever keeps it keeps no large page for a
/// few bytes.
void was_filled(const std::string& body) noexcept;

}  // namespace echosocket::net
