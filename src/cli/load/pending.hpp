// The requests in flight on one connection.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace echosocket::load {

/// The start time of each pending request by its sequence number. Answers may come in any order; numbers are not reused
/// while their request is pending.
class pending {
public:
    explicit pending(std::size_t depth) : slots_(std::bit_ceil(2 * depth)) {}

    /// Starts a request and returns its number; skips numbers whose slot is still held by a slow request.
    std::uint32_t begin(std::int64_t when) noexcept {
        while (at(next_).busy) advance();
        at(next_) = {when, next_, true};
        ++count_;
        const auto sequence = next_;
        advance();
        return sequence;
    }

    /// Ends a request and returns when it began; empty if no such request is pending.
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
