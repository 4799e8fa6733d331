// How many times this thread has asked for memory, for tests of what must not allocate.
#pragma once

#include <cstddef>

namespace echosocket::test {

/// Calls of `operator new` on this thread so far.
[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace echosocket::test
