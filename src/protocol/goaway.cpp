#include "protocol/goaway.hpp"

#include "protocol/engine_state.hpp"
#include "wire/meta.hpp"

#include <string>

namespace echosocket::protocol {

namespace {

std::string this_end_and(const engine_state& state, std::string_view what) {
    return std::string(state.settings.is_server() ? "the server " : "the client ").append(what);
}

}  // namespace

failure refusal_while_leaving(const engine_state& state) {
    return failure(errc::shutting_down, this_end_and(state, "is shutting down"));
}

void say_goaway(engine_state& state, std::uint32_t last_request) {
    if (state.is_over() || state.goaway.said) return;
    if (!state.is_introduced()) return state.fail(refusal_while_leaving(state));
    state.goaway.said = true;
    state.enter(phase::draining);
    const wire::meta meta{.code = static_cast<std::uint16_t>(errc::shutting_down), .last_call = last_request};
    state.output.push(wire::frame_kind::goaway, 0, meta, std::string_view("shutting down"));
    state.output.push(wire::frame_kind::ping, 0, {}, drain_barrier);
}

void take_goaway(engine_state& state) {
    state.goaway.told = true;
    state.enter(phase::draining);
    state.attention = true;  // calls that were not sent yet fail
}

void take_barrier(engine_state& state, std::string_view body) {
    if (state.goaway.said && body == drain_barrier) state.goaway.barrier_passed = true;
}

void close_if_drained(engine_state& state, bool nothing_runs) {
    const auto& goaway = state.goaway;
    if (state.phase != phase::draining || !goaway.barrier_passed) return;
    if (!nothing_runs || goaway.holds_open || goaway.is_needed || !state.output.empty()) return;
    state.close(failure(errc::shutting_down, this_end_and(state, "shut down")));
}

failure cause_of_end(const engine_state& state, std::size_t calls_in_flight, failure lost) {
    if (!state.goaway.told || calls_in_flight != 0) return lost;
    failure done(errc::shutting_down, "the other side shut down");
    done.origin = failure_origin::other_end;
    return done;
}

}  // namespace echosocket::protocol
