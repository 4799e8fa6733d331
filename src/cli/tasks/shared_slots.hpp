// Limits how many operations run at once, and how many of them are one user's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace echosocket::cli {

/// A limited number of places, of which nobody may have more than are left for all others: one alone has half, and
/// there is room for the next.
///
/// Thread safety: all members may be called from any thread.
/// Lifetime: must outlive every place that was taken.
class shared_slots {
public:
    explicit shared_slots(std::size_t most) noexcept : free_(most) {}

    /// One place; its destructor gives it back.
    class place {
    public:
        place(shared_slots& owner, std::uint64_t whose) noexcept : owner_(&owner), whose_(whose) {}
        place(place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), whose_(other.whose_) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (owner_ != nullptr) owner_->give_back(whose_);
        }

    private:
        shared_slots* owner_;
        std::uint64_t whose_;
    };

    /// `whose` is what tells users apart, such as the id of a connection.
    [[nodiscard]] std::optional<place> take(std::uint64_t whose) {
        const std::lock_guard lock(mutex_);
        const auto found = taken_.find(whose);
        if ((found == taken_.end() ? 0 : found->second) >= free_) return std::nullopt;
        ++taken_[whose];
        --free_;
        return std::optional<place>(std::in_place, *this, whose);
    }

private:
    void give_back(std::uint64_t whose) {
        const std::lock_guard lock(mutex_);
        const auto found = taken_.find(whose);
        if (--found->second == 0) taken_.erase(found);
        ++free_;
    }

    std::mutex mutex_;
    std::size_t free_;
    std::map<std::uint64_t, std::size_t> taken_;
};

}  // namespace echosocket::cli
