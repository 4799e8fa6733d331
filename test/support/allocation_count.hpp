// The number and size of this thread's allocations, for tests of code that must not allocate.
#pragma once

#include <cstddef>

namespace echosocket::test {

/// Calls of `operator new` on this thread so far.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// The most that this thread held since construction; one at a time.
class allocation_watch {
public:
    allocation_watch() noexcept;
    /// The most bytes at once beyond those held at construction.
    [[nodiscard]] std::size_t peak() const noexcept;
    /// Bytes of the largest allocation.
    [[nodiscard]] std::size_t largest() const noexcept;

private:
    std::size_t held_before_;
};

}  // namespace echosocket::test
