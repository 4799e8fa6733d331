// The engine: what its owner tells it to do, and what becomes of its output.
#include "protocol/engine.hpp"

#include "protocol/handshake.hpp"

#include <utility>

namespace echosocket::protocol {

using wire::frame_kind;

// Output.

void engine::wrote(std::size_t bytes) {
    state_.output.wrote(bytes);
    backpressure_.wrote(state_, bytes);
    if (!state_.output_is_full()) inbound_.room_came(state_);
    streams_.room_came(state_);
    notifications_.room_came(state_);
    tell_owed_reason();
}

void engine::output_failed() {
    output_is_broken_ = true;
    state_.output.clear();
    notifications_.clear(state_);
    owes_reason_ = false;
    state_.timers.arm_earlier(timer::close, state_.now + linger);
}

void engine::forget_traffic() noexcept {
    bodies_.forget_all(state_);
    state_.output.clear();
    notifications_.clear(state_);
}

bool engine::finishes_sending() {
    if (has_output()) return false;
    check_drained();
    if (state_.phase != phase::closing || notifications_.has_unsent() ||
        std::exchange(state_.goaway.send_is_shut, true))
        return false;
    state_.timers.arm(timer::close, state_.now + linger);
    return true;
}

void engine::check_drained() {
    close_if_drained(state_, inbound_.running() == 0 && outbound_.empty() && !notifications_.has_unsent());
}

// Commands.

void engine::accept() {
    is_welcome_ = true;
    state_.peer.max_calls = welcome_->max_calls;
    end_greeting(state_);
    if (state_.is_over()) return;
    notifications_.open(welcome_->notify_credit);
    notifications_.room_came(state_);
    streams_.greeted(state_);
    outbound_.send_queued(state_, streams_);
}

void engine::dismiss(failure why) {
    // Before the HELLO nothing is said but the reason.
    if (state_.is_introduced() && !state_.is_over()) notifications_.write_all(state_);
    if (!notifications_.has_unsent() || state_.is_over()) return state_.fail(std::move(why));
    state_.close(std::move(why));
    owes_reason_ = true;
}

// The reason goes behind what waited for credit.
void engine::tell_owed_reason() {
    if (!owes_reason_ || notifications_.has_unsent()) return;
    owes_reason_ = false;
    if (!is_closed()) state_.say_last_words();
}

// The other end handles too slowly: the rest is not waited for, but the reason is told.
void engine::give_up_unsent() {
    if (!owes_reason_) return;
    notifications_.clear(state_);
    tell_owed_reason();
    state_.timers.arm(timer::close, state_.now + state_.settings.limits.write_timeout);
}

void engine::goaway(bool is_needed) {
    if (!state_.goaway.said) state_.goaway.is_needed = is_needed;
    say_goaway(state_, inbound_.last_request());
}

void engine::let_go() {
    state_.goaway.is_needed = false;
    state_.liveness.used(state_.now);
    check_drained();
}

void engine::give_up_notifications() {
    notifications_.give_up(state_);
    check_drained();
}

void engine::hold_open(bool holds) {
    state_.goaway.holds_open = holds;
    if (holds) return;
    state_.liveness.used(state_.now);
    check_drained();
}

void engine::reply(std::uint32_t id, content_type type, std::string_view body) {
    if (state_.is_over()) return;
    if (body.size() > state_.peer.max_message) return state_.send_error(id, reply_too_large(body.size()));
    if (type == content_type::bytes) return state_.output.push(frame_kind::response, id, body);
    state_.output.push(frame_kind::response, id, {.content_type = type}, body);
}

void engine::reply(std::uint32_t id, content_type type, std::string&& body) {
    if (state_.is_over()) return;
    if (body.size() > state_.peer.max_message) return state_.send_error(id, reply_too_large(body.size()));
    state_.output.push(frame_kind::response, id, {.content_type = type}, std::move(body));
}

void engine::count_overflow(const notification_queue::outcome& came_to, std::string_view topic) {
    state_.counts.notifications_out += came_to.dropped;
    notifications_.count_dropped(state_, came_to, topic);
    notifications_.room_came(state_);
}

failure engine::reply_too_large(std::size_t bytes) const {
    failure why(errc::message_too_large, "the reply has " + std::to_string(bytes) +
                                             " bytes; the caller takes at most " +
                                             std::to_string(state_.peer.max_message));
    why.started = true;
    return why;
}

void engine::keep(std::uint32_t id, void* handler, std::optional<time_point> deadline) {
    inbound_.keep(state_, id, handler, deadline);
}

bool engine::release(std::uint32_t id) {
    return inbound_.release(state_, id);
}

}  // namespace echosocket::protocol
