#include "protocol/outbound_calls.hpp"

#include "wire/failure_record.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::protocol {

namespace {

using std::chrono::milliseconds;

failure not_sent(failure why) {
    why.started = false;
    return why;
}

failure queue_is_full(std::size_t most) {
    return failure(errc::overloaded, "as many calls as allowed wait for the other side: " + std::to_string(most) +
                                         " (limits::max_queued_calls)");
}

failure other_end_leaves() {
    return failure(errc::shutting_down, "the other side is shutting down and takes no new calls");
}

std::uint32_t milliseconds_until(time_point deadline, time_point now) noexcept {
    const auto left = std::chrono::ceil<milliseconds>(deadline - now);
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left.count(), 1, UINT32_MAX));
}

}  // namespace

std::optional<failure> outbound_calls::refusal_of(const engine_state& state, const outbound_call& call) const {
    if (state.is_over()) return not_sent(state.cause_of_end());
    if (state.goaway.told) return other_end_leaves();
    if (!wire::is_valid_name(call.task))
        return failure(errc::unknown_task, "a task's name has 1 to 255 bytes of UTF-8");
    if (call.timeout.count() < 0)
        return failure(errc::deadline_exceeded, "the call's timeout was over before it began");
    if (call.trace_id.size() > wire::max_trace_id) return failure(errc::bad_request, "a trace id has at most 64 bytes");
    if (call.idempotency_key.size() > wire::max_idempotency_key)
        return failure(errc::bad_request, "an idempotency key has at most 64 bytes");
    return size_refusal_of(state, call);
}

std::optional<failure> outbound_calls::size_refusal_of(const engine_state& state, const outbound_call& call) {
    if (call.body_size() > state.peer.max_message)
        return failure(errc::message_too_large, "the arguments have " + std::to_string(call.body_size()) +
                                                    " bytes; the other side takes at most " +
                                                    std::to_string(state.peer.max_message));
    // Items could overtake arguments that go out in pieces.
    if (call.stream != nullptr && call.body_size() > state.output.max_frame())
        return failure(errc::message_too_large, "the arguments of a call with streams fit into one frame, of " +
                                                    std::to_string(state.output.max_frame()) +
                                                    " bytes; send what is large as items");
    return std::nullopt;
}

std::optional<failure> outbound_calls::begin(engine_state& state, streams& open, const outbound_call_ptr& call) {
    if (auto why = refusal_of(state, *call)) {
        call->ended = true;
        return why;
    }
    if (call->timeout.count() > 0) {
        const auto due = state.now + std::min(call->timeout, longest_timeout);
        call->deadline = std::min(call->deadline.value_or(due), due);
    }
    if (call->deadline && *call->deadline <= state.now) {
        call->ended = true;
        return failure(errc::deadline_exceeded, "the deadline had passed before the call was sent");
    }
    if (!begun_) begun_ = std::make_unique<begun_calls>();
    const bool waits = !begun_->queue.empty() || !has_slot(state);
    if (waits && begun_->queue.size() >= state.settings.limits.max_queued_calls) {
        call->ended = true;
        return queue_is_full(state.settings.limits.max_queued_calls);
    }
    if (call->deadline) state.timers.arm_earlier(timer::outbound, *call->deadline);
    if (waits) {
        begun_->queue.push(call);
    } else {
        send(state, open, call);
    }
    return std::nullopt;
}

void outbound_calls::send(engine_state& state, streams& open, const outbound_call_ptr& call) {
    call->id = next_id(state);
    wire::meta meta{.name = call->task, .trace_id = call->trace_id, .idempotency_key = call->idempotency_key};
    meta.content_type = call->body.type;
    if (call->stream != nullptr) meta.streams = call->stream->bits();
    if (call->deadline) meta.deadline_ms = milliseconds_until(*call->deadline, state.now);
    if (call->shared_body) {
        state.output.push(wire::frame_kind::request, call->id, meta, call->shared_body);
    } else {
        state.output.push(wire::frame_kind::request, call->id, meta, std::move(call->body.bytes));
    }
    begun_->in_flight.insert(call->id, call, call->deadline);
    if (call->stream != nullptr) open.open(state, call->id, *call->stream);
}

void outbound_calls::send_queued(engine_state& state, streams& open) {
    while (begun_ && !begun_->queue.empty() && has_slot(state)) {
        auto call = begun_->queue.pop();
        // The HELLO may allow less than was known when the call was begun.
        if (size_refusal_of(state, *call)) {
            begun_->too_large.push_back(std::move(call));
            state.attention = true;
        } else {
            send(state, open, call);
        }
    }
}

bool outbound_calls::tell(event& e, streams& open, outbound_call_ptr call, failure why) {
    call->ended = true;
    if (call->stream != nullptr) open.close(*call->stream);
    e.what = event::kind::call_failed;
    e.call = std::move(call);
    e.why = std::move(why);
    return true;
}

bool outbound_calls::take_reply(engine_state& state, streams& open, const wire::frame& f, event& e) {
    if (!begun_) return false;
    auto call = begun_->in_flight.take(f.id);
    if (!call) begun_->abandoned.erase(f.id);
    send_queued(state, open);
    if (!call) return false;
    wire::meta meta;
    if (!f.meta.empty() && !wire::parse_meta(f.meta, meta))
        return tell(e, open, std::move(*call), failure(errc::bad_reply, "the reply's meta can't be read"));
    (*call)->ended = true;
    if ((*call)->stream != nullptr) open.close(*(*call)->stream);
    e.what = event::kind::reply;
    e.call = std::move(*call);
    e.type = meta.content_type;
    e.body = f.body;
    return true;
}

bool outbound_calls::fail(engine_state& state, streams& open, std::uint32_t id, failure why, event& e) {
    if (!begun_) return false;
    auto call = begun_->in_flight.take(id);
    if (!call) begun_->abandoned.erase(id);
    send_queued(state, open);
    return call && tell(e, open, std::move(*call), std::move(why));
}

void outbound_calls::withdraw(engine_state& state, streams& open, const outbound_call_ptr& call, failure& why) {
    why.retryable = false;
    if (call->id == 0) {
        if (!begun_->queue.take(*call)) std::erase(begun_->too_large, call);
    } else if (state.output.withdraw(call->id)) {
        send_queued(state, open);
    } else {
        why.started = true;
        begun_->abandoned.insert(call->id);
        state.output.cancel(call->id);
    }
}

std::optional<failure> outbound_calls::cancel(engine_state& state, streams& open, const outbound_call_ptr& call) {
    if (call->ended || !begun_) return std::nullopt;
    if (call->id != 0) (void)begun_->in_flight.take(call->id);
    failure why(errc::cancelled, "cancelled by the caller");
    withdraw(state, open, call, why);
    call->ended = true;
    if (call->stream != nullptr) open.close(*call->stream);
    return why;
}

bool outbound_calls::give_up(engine_state& state, streams& open, std::uint32_t id, failure why, event& e) {
    auto call = begun_ ? begun_->in_flight.take(id) : std::nullopt;
    if (!call) return false;
    withdraw(state, open, *call, why);
    return tell(e, open, std::move(*call), std::move(why));
}

bool outbound_calls::next_ended(engine_state& state, streams& open, event& e) {
    if (!begun_) return false;
    if (state.is_over()) {
        if (auto call = begun_->in_flight.take_any()) {
            failure lost = state.cause_of_end();
            lost.started = true;
            return tell(e, open, std::move(call->second), std::move(lost));
        }
    }
    if ((state.is_over() || state.goaway.told) && !begun_->queue.empty()) {
        auto call = begun_->queue.pop();
        return tell(e, open, std::move(call), state.is_over() ? not_sent(state.cause_of_end()) : other_end_leaves());
    }
    if (const auto id = begun_->in_flight.next_expired(state.now))
        return give_up(state, open, *id, failure(errc::deadline_exceeded, "no reply within the call's timeout"), e);
    if (auto call = begun_->queue.take_expired(state.now))
        return tell(e, open, std::move(call),
                    failure(errc::deadline_exceeded, "not sent in time: the other side was busy"));
    if (!begun_->too_large.empty()) {
        auto call = std::move(begun_->too_large.back());
        begun_->too_large.pop_back();
        auto why = *size_refusal_of(state, *call);
        return tell(e, open, std::move(call), std::move(why));
    }
    const auto next =
        std::min(begun_->in_flight.next_deadline().value_or(never), begun_->queue.next_due().value_or(never));
    next != never ? state.timers.arm(timer::outbound, next) : state.timers.disarm(timer::outbound);
    return false;
}

std::uint32_t outbound_calls::next_id(const engine_state& state) {
    auto& last = begun_->last_id;
    do {
        last = last == 0 ? state.settings.first_call_id() : last + 2;
        if (last == 0) last = state.settings.first_call_id();
    } while (begun_->in_flight.find(last) != nullptr || begun_->abandoned.contains(last));
    return last;
}

}  // namespace echosocket::protocol
