// How often and how much memory this thread asks for, for tests of what must not allocate.
#pragma once

#include <cstddef>

namespace echosocket::test {

/// Calls of `operator new` on this thread so far.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// What this thread has held at most since this was made; one at a time.
class allocation_watch {
public:
    allocation_watch() noexcept;
    /// The most bytes at once beyond those held at the beginning.
    [[nodiscard]] std::size_t peak() const noexcept;
    /// The largest piece of memory asked for.
    [[nodiscard]] std::size_t largest() const noexcept;

private:
    std::size_t held_before_;
};

}  // namespace echosocket::test
