// All that a connection waits for by time, in one table. Plain data: the caller names the time.
#pragma once

#include "protocol/settings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace echosocket::protocol {

enum class timer : std::uint8_t {
    hello,          ///< The other end's HELLO must be complete.
    frame,          ///< A frame that was begun must be complete.
    body,           ///< The earliest time at which an unfinished split body is too slow, or its call out of time.
    close,          ///< The last bytes must have gone out, and the other end must have closed.
    write,          ///< The other end must have taken a byte.
    slow_consumer,  ///< The other end must have taken `output_soft` bytes.
    liveness,       ///< A ping may be due, or the end of an idle connection.
    inbound,        ///< The earliest deadline of a call that runs here.
    outbound,       ///< The earliest deadline of a call that this end has made.
};

class timer_table {
public:
    timer_table() noexcept { due_.fill(never); }

    void arm(timer which, time_point when) noexcept {
        at(which) = when;
        if (when < next_) next_ = when;
    }
    /// Keeps what is due earlier already.
    void arm_earlier(timer which, time_point when) noexcept {
        if (when < at(which)) arm(which, when);
    }
    void disarm(timer which) noexcept { at(which) = never; }

    [[nodiscard]] bool is_armed(timer which) const noexcept { return due_[static_cast<std::size_t>(which)] != never; }
    [[nodiscard]] bool is_due(timer which, time_point now) const noexcept {
        return due_[static_cast<std::size_t>(which)] <= now;
    }

    /// When the first one is due, or somewhat earlier: a timer that was disarmed still counts until `settle`.
    [[nodiscard]] time_point next() const noexcept { return next_; }
    void settle() noexcept { next_ = *std::ranges::min_element(due_); }

private:
    time_point& at(timer which) noexcept { return due_[static_cast<std::size_t>(which)]; }

    std::array<time_point, 9> due_;
    time_point next_ = never;
};

}  // namespace echosocket::protocol
