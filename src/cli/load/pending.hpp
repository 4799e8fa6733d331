// The requests that are under way on one connection.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace echosocket::load {

/// When each pending request began, by its sequence number; answers may come in any order, numbers never come back.
class pending {
public:
    explicit pending(std::size_t depth) : slots_(std::bit_ceil(2 * depth)) {}

    /// The new request's number. Skips numbers whose slot a slow request still holds.
    std::uint32_t begin(std::int64_t when) noexcept {
        while (at(next_).busy) advance();
        at(next_) = {when, next_, true};
        ++count_;
        const auto sequence = next_;
        advance();
        return sequence;
    }

    /// When it began; nothing where no such request is pending.
    std::optional<std::int64_t> end(std::uint32_t sequence) noexcept {
        auto& held = at(sequence);
        if (!held.busy || held.sequence != sequence) return std::nullopt;
        held.busy = false;
        --count_;
        return held.began;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    struct slot {
        std::int64_t began = 0;
        std::uint32_t sequence = 0;
        bool busy = false;
    };

    static constexpr std::uint32_t last_sequence = 0x7fff'ffff;  // an id is twice the number, and odd

    void advance() noexcept { next_ = next_ == last_sequence ? 0 : next_ + 1; }
    slot& at(std::uint32_t sequence) noexcept { return slots_[sequence & (slots_.size() - 1)]; }

    std::vector<slot> slots_;
    std::uint32_t next_ = 0;
    std::size_t count_ = 0;
};

}  // namespace echosocket::load
