#include "protocol/backpressure.hpp"

#include <string>

namespace echosocket::protocol {

void backpressure::wrote(engine_state& state, std::size_t bytes) {
    const auto& limits = state.settings.limits;
    taken_ += bytes;
    if (bytes != 0 && state.timers.is_armed(timer::write)) {
        state.timers.arm(timer::write, state.now + limits.write_timeout);
        state.liveness.heard(state.now);  // whoever takes much answers no ping in time: it lies behind
    }
    if (state.output.size() <= limits.output_soft) {
        state.timers.disarm(timer::slow_consumer);
    } else if (!state.timers.is_armed(timer::slow_consumer)) {
        state.timers.arm(timer::slow_consumer, state.now + limits.output_soft_time);
        taken_ = 0;
    }
    if (state.output.empty()) state.timers.disarm(timer::write);
}

void backpressure::blocked(engine_state& state) {
    state.timers.arm(timer::write, state.now + state.settings.limits.write_timeout);
}

void backpressure::check(engine_state& state) {
    const auto& limits = state.settings.limits;
    if (state.timers.is_due(timer::close, state.now)) {
        state.abort(failure(errc::connection_lost, "the other side closed the connection while it was written to"));
    } else if (state.timers.is_due(timer::write, state.now)) {
        state.abort(failure(errc::write_stalled,
                            "the other side took no byte for " + std::to_string(limits.write_timeout.count()) + " ms"));
    } else if (state.timers.is_due(timer::slow_consumer, state.now)) {
        if (taken_ < limits.output_soft)
            return state.abort(failure(errc::slow_consumer, "the other side reads too slowly for what it asks for"));
        state.timers.arm(timer::slow_consumer, state.now + limits.output_soft_time);
        taken_ = 0;
    }
}

}  // namespace echosocket::protocol
