#include "protocol/engine_state.hpp"

#include "wire/failure_record.hpp"

#include <new>

namespace echosocket::protocol {

engine_state::engine_state(const engine_settings& given, time_point when,
                           std::chrono::milliseconds ping_interval) noexcept
    : settings(given),
      now(when),
      liveness(when, ping_interval, given.limits.missed_pings, given.limits.idle_timeout),
      peer{.max_message = given.limits.max_message} {}

void engine_state::fail(failure why) {
    if (is_over()) return;
    close(std::move(why));
    say_last_words();
}

void engine_state::say_last_words() {
    output.push_failure(wire::frame_kind::error, 0, *cause);
    said_last_words = true;
}

void engine_state::close(failure why) {
    if (is_over()) return;
    cause = std::make_unique<failure>(std::move(why));
    enter(protocol::phase::closing);
    attention = true;
    // However slowly the other end takes the last words.
    timers.arm(timer::close, now + settings.limits.write_timeout);
}

void engine_state::abort(failure why) noexcept {
    if (!is_over()) cause.reset(new (std::nothrow) failure(std::move(why)));
    enter(protocol::phase::closed);
    attention = true;
}

const failure& engine_state::cause_of_end() const noexcept {
    static const failure forgotten(errc::connection_closed, "out of memory");
    return cause ? *cause : forgotten;
}

void engine_state::send_error(std::uint32_t id, const failure& why) {
    if (is_over()) return;
    ++counts.failed;
    output.push_failure(wire::frame_kind::error, id, why);
    if (is_callers_fault(why)) charge_abuse();
}

void engine_state::charge_abuse() {
    if (!budget.charge(settings.limits, now))
        fail(failure(errc::abusive, "too many cancels and errors in a short time; try again more slowly"));
}

}  // namespace echosocket::protocol
