// How many of something may go on at once.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

namespace echosocket::cli {

/// A bounded number of places. Thread safety: any thread. Lifetime: outlives every place taken.
class slots {
public:
    explicit slots(int most) noexcept : free_(most) {}

    /// One place, given back by its destructor.
    class place {
    public:
        explicit place(slots& owner) noexcept : owner_(&owner) {}
        place(place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (owner_ != nullptr) ++owner_->free_;
        }

    private:
        slots* owner_;
    };

    [[nodiscard]] std::optional<place> take() noexcept {
        if (free_.fetch_sub(1) > 0) return std::optional<place>(std::in_place, *this);
        ++free_;
        return std::nullopt;
    }

private:
    std::atomic<int> free_;
};

}  // namespace echosocket::cli
