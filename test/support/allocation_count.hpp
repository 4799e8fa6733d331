// The number and size of this thread's allocations, for tests of code that must not allocate, and a way to have one of
// them fail.
#pragma once

#include <array>
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

/// While it lives, the nth call of `operator new` on this thread fails, once; those of the sizes in `spared` do not
/// count. One at a time.
class failing_allocation {
public:
    using spared_sizes = std::array<std::size_t, 2>;

    explicit failing_allocation(std::size_t nth, spared_sizes spared = {}) noexcept;
    failing_allocation(const failing_allocation&) = delete;
    failing_allocation& operator=(const failing_allocation&) = delete;
    ~failing_allocation();

    /// Has it failed? If not, there were fewer of them.
    [[nodiscard]] bool happened() const noexcept;
    /// False if `operator new` belongs to a sanitizer.
    [[nodiscard]] static bool is_possible() noexcept;
};

}  // namespace echosocket::test
