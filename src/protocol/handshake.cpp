#include "protocol/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace echosocket::protocol {

namespace {

wire::frame_limits limits_of(const engine_settings& settings) {
    // A client that has no HELLO yet may have sent as much as the protocol allows before it.
    const std::size_t least_skip = settings.is_server() ? wire::frame_before_hello : 0;
    return {settings.limits.max_frame, std::max<std::size_t>(settings.limits.max_message, least_skip)};
}

}  // namespace

void begin_greeting(engine_state& state) {
    state.timers.arm(timer::hello, state.now + state.settings.limits.hello_timeout);
    if (state.settings.is_server()) return;
    state.peer.max_calls = wire::calls_before_hello;
    state.output.set_max_frame(wire::frame_before_hello);
    state.output.push_encoded(state.settings.hello);
}

bool check_first_bytes(engine_state& state, std::string_view bytes) {
    const auto check = state.settings.is_server() ? wire::check_hello_start(bytes) : wire::check_answer_start(bytes);
    if (check.error == errc{}) return true;
    state.abort(failure(check.error, std::string(check.detail)));
    return false;
}

bool take_hello(engine_state& state, const wire::frame& f, wire::hello& hello) {
    if (state.is_introduced()) {
        state.fail(failure(errc::protocol_error, "a second HELLO on one connection"));
        return false;
    }
    if (const auto check = wire::parse_hello(f, hello); check.error != errc{}) {
        state.fail(failure(check.error, std::string(check.detail)));
        return false;
    }
    state.timers.disarm(timer::hello);
    state.output.set_max_frame(hello.max_frame);
    // No further calls are sent until this end has accepted it, and a server has said its own HELLO.
    state.peer = {
        .max_message = hello.max_message, .max_calls = state.peer.max_calls, .stream_credit = hello.stream_credit};
    return true;
}

void end_greeting(engine_state& state) {
    if (state.phase != phase::greeting) return;
    if (state.settings.is_server()) state.output.push_encoded(state.settings.hello);
    state.enter(phase::open);
    state.frame_limits = limits_of(state.settings);
    state.attention = true;  // what waited for this may go out now
    if (const auto next = state.liveness.next_check()) state.timers.arm(timer::liveness, *next);
}

void give_up_greeting(engine_state& state) {
    state.abort(failure(errc::hello_timeout,
                        "no HELLO within " + std::to_string(state.settings.limits.hello_timeout.count()) + " ms"));
}

}  // namespace echosocket::protocol
