#include "protocol/goaway.hpp"

#include "protocol/engine_state.hpp"
#include "wire/meta.hpp"

namespace echosocket::protocol {

void say_goaway(engine_state& state, std::uint32_t last_request) {
    if (state.is_over() || state.goaway.said) return;
    if (!state.is_introduced()) return state.fail(failure(errc::shutting_down, "the server is shutting down"));
    state.goaway.said = true;
    state.enter(phase::draining);
    const wire::meta meta{.code = static_cast<std::uint16_t>(errc::shutting_down), .last_call = last_request};
    state.output.push(wire::frame_kind::goaway, 0, meta, std::string_view("shutting down"));
    state.output.push(wire::frame_kind::ping, 0, {}, drain_barrier);
}

void take_goaway(engine_state& state) {
    state.goaway.barrier_passed = true;
    state.goaway.told = true;
    state.enter(phase::draining);
    state.attention = true;  // calls that were not sent yet fail
}

void take_barrier(engine_state& state, std::string_view body) {
    if (state.goaway.said && body == drain_barrier) state.goaway.barrier_passed = true;
}

void close_if_drained(engine_state& state, bool nothing_runs) {
    if (state.phase != phase::draining || !state.goaway.barrier_passed) return;
    if (!nothing_runs || state.goaway.holds_open || !state.output.empty()) return;
    state.close(failure(errc::shutting_down, "the server shut down"));
}

}  // namespace echosocket::protocol
