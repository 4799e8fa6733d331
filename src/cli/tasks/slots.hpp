// Limits how many operations run at once.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

namespace echosocket::cli {

/// A limited number of places.
///
/// Thread safety: all members may be called from any thread.
/// Lifetime: must outlive every place that was taken.
class slots {
public:
    explicit slots(int most) noexcept : free_(most) {}

    /// One place; its destructor gives it back.
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
