// What one direction's notifications may cost until the receiver has handled them: credit, in bytes. Plain data.
#pragma once

#include "protocol/stream_credit.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace echosocket::protocol {

/// What each costs besides its meta and its body: one that waits is not free where it is empty.
inline constexpr std::size_t notification_overhead = 128;

[[nodiscard]] constexpr std::uint32_t notification_cost(std::size_t meta_size, std::size_t body_size) noexcept {
    return static_cast<std::uint32_t>(std::min<std::size_t>(notification_overhead + meta_size + body_size, max_credit));
}

/// The sending end's account. The last notification may cost more than is left, so that one of any size can be sent.
class notify_send_credit {
public:
    void open(std::uint32_t window) noexcept { left_ = static_cast<std::int32_t>(window); }

    [[nodiscard]] bool is_left() const noexcept { return left_ > 0; }
    /// Only if something `is_left`.
    void spend(std::uint32_t cost) noexcept { left_ -= static_cast<std::int32_t>(cost); }
    /// False if the receiver grants more than the protocol allows.
    [[nodiscard]] bool grant(std::uint32_t bytes) noexcept {
        if (std::int64_t{left_} + bytes > max_credit) return false;
        left_ += static_cast<std::int32_t>(bytes);
        return true;
    }

private:
    std::int32_t left_ = 0;
};

/// The receiving end's account. It is told the same window each time.
class notify_receive_credit {
public:
    /// One has come whole. False if nothing was left of the window.
    [[nodiscard]] bool take(std::uint32_t window, std::uint32_t cost) noexcept {
        if (in_hand_ + held_back_ >= window) return false;
        in_hand_ += cost;
        return true;
    }
    /// One that was taken is done with.
    void handled(std::uint32_t cost) noexcept { in_hand_ -= cost; }
    /// So much is owed to the sender, if it counts too.
    void hold_back(std::uint32_t cost) noexcept { held_back_ += cost; }
    /// Is what was held back worth a frame?
    [[nodiscard]] bool is_due(std::uint32_t window) const noexcept { return held_back_ >= window / 2; }
    /// Bytes to grant now.
    [[nodiscard]] std::uint32_t give_back() noexcept { return std::exchange(held_back_, 0); }
    /// Has all that came been handled?
    [[nodiscard]] bool is_idle() const noexcept { return in_hand_ == 0; }

private:
    // Their sum is less than the window and one notification: it fits.
    std::uint32_t in_hand_ = 0;
    std::uint32_t held_back_ = 0;
};

}  // namespace echosocket::protocol
