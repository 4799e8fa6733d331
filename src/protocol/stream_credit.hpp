// What a stream may send until its reader has made room: credit, in bytes of whole ITEM frames. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>

namespace echosocket::protocol {

inline constexpr std::uint32_t max_credit = 2'147'483'647;

/// The sending end's account.
class send_credit {
public:
    /// The receiver's HELLO tells the window that each stream begins with.
    void open(std::uint32_t window) noexcept {
        left_ = window;
        largest_item_ = window / 2;
    }

    [[nodiscard]] bool covers(std::size_t cost) const noexcept { return cost <= left_; }
    [[nodiscard]] std::size_t left() const noexcept { return left_; }
    /// Only what `covers` says yes to.
    void spend(std::size_t cost) noexcept { left_ -= static_cast<std::uint32_t>(cost); }
    /// False where the receiver grants more than the protocol allows.
    [[nodiscard]] bool grant(std::uint32_t bytes) noexcept {
        if (bytes > max_credit - left_) return false;
        left_ += bytes;
        return true;
    }
    /// The most that one item may cost, or it could wait for ever.
    [[nodiscard]] std::size_t largest_item() const noexcept { return largest_item_; }

private:
    std::uint32_t left_ = 0;
    std::uint32_t largest_item_ = 0;
};

/// The receiving end's account.
class receive_credit {
public:
    explicit receive_credit(std::uint32_t window) noexcept : window_(window), left_(window) {}

    /// An item has arrived. False where it was not paid for.
    [[nodiscard]] bool take(std::size_t cost) noexcept {
        if (cost > left_) return false;
        left_ -= static_cast<std::uint32_t>(cost);
        return true;
    }
    /// An item was consumed: bytes to grant now, 0 while it is not yet worth a frame.
    [[nodiscard]] std::uint32_t consumed(std::size_t cost) noexcept {
        held_back_ += static_cast<std::uint32_t>(cost);
        if (held_back_ < window_ / 4) return 0;
        const auto grant = held_back_;
        held_back_ = 0;
        left_ += grant;
        return grant;
    }

private:
    std::uint32_t window_;
    std::uint32_t left_;
    std::uint32_t held_back_ = 0;
};

}  // namespace echosocket::protocol
