#include "protocol/inbound_calls.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace echosocket::protocol {

namespace {

// By how much a deadline here may be later than the caller's own: the REQUEST was on its way for longer than the
// CANCEL.
constexpr std::chrono::seconds about_due{1};

}  // namespace

void inbound_calls::fail_on_id(engine_state& state, std::uint32_t id) {
    state.fail(
        failure(errc::protocol_error, "a REQUEST with the id " + std::to_string(id) +
                                          (state.settings.is_server() ? ": ids of a client are odd and not in use"
                                                                      : ": ids of a server are even and not in use")));
}

void inbound_calls::fail_on_meta(engine_state& state) {
    state.fail(failure(errc::protocol_error, "the meta of a REQUEST can't be read"));
}

bool inbound_calls::take(engine_state& state, const wire::frame& f, time_point arrived, event& e) {
    // Most requests have the meta of the one before them.
    e.same_head = head_.is_of(f.meta);
    if (!e.same_head && !head_.read(f.meta)) {
        fail_on_meta(state);
        return false;
    }
    if (!check_id(state, f.id)) return false;
    head_.describe(f, e);
    set_deadline(state, arrived, e);
    if (!may_start(state, e)) return refuse(state, refusal_of(state, e), e);
    ++state.counts.calls;
    state.liveness.used(state.now);
    last_request_ = f.id;
    e.what = event::kind::request;
    return true;
}

void inbound_calls::set_deadline(const engine_state& state, time_point arrived, event& e) const noexcept {
    if (head_.deadline_ms()) {
        e.deadline = arrived + std::chrono::milliseconds(*head_.deadline_ms());
    } else {
        e.deadline.reset();
    }
    if (e.streams != 0) return;  // a stream may be of any length, and is given up by its ends
    const auto cap = state.settings.max_deadline;
    if (cap.count() > 0 && (!e.deadline || *e.deadline > state.now + cap)) e.deadline = state.now + cap;
}

failure inbound_calls::refusal_of(const engine_state& state, const event& e) const {
    if (state.goaway.said) return refusal_while_leaving(state);
    if (!head_.has_name()) return failure(errc::bad_request, "a REQUEST names its task with 1 to 255 bytes of UTF-8");
    if (e.deadline && *e.deadline <= state.now)
        return failure(errc::deadline_exceeded, "the deadline had passed when the request was complete");
    return failure(errc::overloaded, "too many running calls: at most " +
                                         std::to_string(state.settings.limits.max_calls) + " on one connection");
}

bool inbound_calls::refuse(engine_state& state, const failure& why, event& e) {
    ++state.counts.calls;
    state.send_error(e.id, why);
    e.what = event::kind::request_refused;
    e.reason = why.code;
    return true;
}

bool inbound_calls::refuse_incomplete(engine_state& state, std::uint32_t id, const failure& why, event& e) {
    if (!check_id(state, id)) return false;
    e.id = id;
    return refuse(state, why, e);
}

void inbound_calls::keep(engine_state& state, std::uint32_t id, void* handler, std::optional<time_point> deadline) {
    if (!kept_) kept_ = std::make_unique<kept_calls>();
    kept_->running.insert(id, {handler, deadline}, deadline);
    if (deadline) state.timers.arm_earlier(timer::inbound, *deadline);
}

bool inbound_calls::release(engine_state& state, std::uint32_t id) {
    kept_->running.take(id);
    if (kept_->running.empty()) state.liveness.used(state.now);
    if (!state.output_is_full()) return true;
    ++kept_->unread_answers;
    return false;
}

void inbound_calls::room_came(engine_state& state) noexcept {
    if (!kept_ || kept_->unread_answers == 0) return;
    kept_->unread_answers = 0;
    kept_->freed = true;
    state.attention = true;
}

bool inbound_calls::next_freed(event& e) noexcept {
    if (!kept_ || !std::exchange(kept_->freed, false)) return false;
    e.what = event::kind::slots_freed;
    return true;
}

bool inbound_calls::cancel(std::uint32_t id, errc reason, event& e) const {
    auto* call = kept_ ? kept_->running.find(id) : nullptr;
    if (call == nullptr) return false;
    e.what = event::kind::request_cancelled;
    e.id = id;
    e.handler = call->handler;
    e.reason = reason;
    return true;
}

void inbound_calls::charge_for_cancel(engine_state& state, std::uint32_t id) {
    if (kept_) {
        if (auto* call = kept_->running.find(id)) {
            if (call->deadline && *call->deadline <= state.now + about_due) return;
        } else if (kept_->expired != 0) {
            --kept_->expired;
            return;
        }
    }
    state.charge_abuse();
}

bool inbound_calls::next_expired(engine_state& state, event& e) {
    if (!kept_) return false;
    if (const auto id = kept_->running.next_expired(state.now)) {
        ++kept_->expired;
        return cancel(*id, errc::deadline_exceeded, e);
    }
    const auto next = kept_->running.next_deadline();
    next ? state.timers.arm(timer::inbound, *next) : state.timers.disarm(timer::inbound);
    return false;
}

}  // namespace echosocket::protocol
