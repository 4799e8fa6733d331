// Whether a connection that has handled what had arrived looks for more before it waits.
#pragma once

#include <algorithm>
#include <cstdint>

namespace echosocket::net {

/// Under load more has arrived by the time every other connection has had its turn: one read finds it, where a wait
/// costs an `epoll_ctl` besides. A look in vain costs a read, so each one doubles the pause until the next: a
/// connection with one call at a time pays for one look in 4,096.
class read_backoff {
public:
    [[nodiscard]] bool worth_it() noexcept {
        if (pause_ == 0) return true;
        --pause_;
        return false;
    }
    void looked(bool found) noexcept {
        pause_ = length_ = static_cast<std::uint16_t>(found ? 0 : std::min(2 * length_ + 1, 4095));
    }

private:
    // Waits until the next look, and how many there are from one in vain to the next; a new connection begins late,
    // since most never have more than a few frames.
    std::uint16_t pause_ = 15;
    std::uint16_t length_ = 15;
};

}  // namespace echosocket::net
