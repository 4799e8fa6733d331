// How far a connection's life has gone, and which step may follow which.
#pragma once

#include <cstdint>

namespace echosocket::protocol {

enum class phase : std::uint8_t {
    greeting,  ///< Nothing but a HELLO is taken.
    open,
    draining,  ///< A GOAWAY was sent or received: what runs may end, then its sender closes.
    closing,   ///< The reason is known; the last bytes go out, what comes in is thrown away.
    closed,    ///< Nothing is read or written any more.
};

/// A life goes forwards only, and may leave out any step but the last.
[[nodiscard]] constexpr bool may_follow(phase now, phase next) noexcept {
    return next > now;
}
[[nodiscard]] constexpr bool is_over(phase now) noexcept {
    return now >= phase::closing;
}

}  // namespace echosocket::protocol
