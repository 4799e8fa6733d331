// An other end that does not read: how much is queued for it, for how long, and who has to wait meanwhile.
#pragma once

#include "protocol/engine_state.hpp"

#include <cstddef>
#include <cstdint>

namespace echosocket::protocol {

/// Does so much output wait that a server takes no further frames for now? A client has to read on: what it waits for
/// may be what the server has to write.
[[nodiscard]] inline bool reading_is_held_back(const engine_state& state) noexcept {
    return state.settings.is_server() && state.output.backlog() > state.settings.limits.output_soft;
}

class backpressure {
public:
    /// The line took `bytes`; if it took all there were, nothing waits any more.
    void wrote(engine_state& state, std::size_t bytes);
    /// The line takes no more for now.
    void blocked(engine_state& state);
    /// Ends the connection if the other end has taken too little for too long.
    void check(engine_state& state);

private:
    std::uint64_t taken_ = 0;  // bytes, since the output was above its soft limit
};

/// How long the other end gets to read the last words and to close.
inline constexpr std::chrono::milliseconds linger{1000};

}  // namespace echosocket::protocol
