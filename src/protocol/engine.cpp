#include "protocol/engine.hpp"

#include "protocol/handshake.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::protocol {

namespace {

using wire::frame;
using wire::frame_kind;
using wire::parse_status;

// A large frame gets more time than a small one: a second for so many bytes.
constexpr std::size_t bytes_per_second = 64 * 1024;

}  // namespace

// Input.

void engine::begin(time_point now) {
    state_.now = now;
    if (!state_.is_over()) begin_greeting(state_);
}

void engine::receive(std::string_view bytes, time_point now) {
    state_.now = now;
    input_ = bytes;
    state_.liveness.heard(now);
}

void engine::end_of_input(failure why) {
    state_.abort(is_between_frames() ? cause_of_end(state_, outbound_.in_flight(), std::move(why)) : std::move(why));
}

void engine::drop_input() noexcept {
    input_ = {};
    unwatch_frame();
}

bool engine::next_news(event& e) {
    while (state_.attention)
        if (next_due(e) || next_frame(e)) return true;
    return false;
}

// What no frame tells of. Each of these tells of one thing after the other, from where its state stands.
bool engine::next_due(event& e) {
    if (is_welcome_) welcome_ = nullptr;
    if (next_end(e)) return true;
    if (!state_.is_over()) {
        if (const auto id = bodies_.take_expired(state_))
            return inbound_.refuse_incomplete(
                state_, *id, failure(errc::deadline_exceeded, "the deadline passed before the request was complete"),
                e);
        bodies_.check_pace(state_);
    }
    if (next_end(e) || outbound_.next_ended(state_, streams_, e) || inbound_.next_expired(state_, e) ||
        inbound_.next_freed(e) || streams_.next_sendable(state_, e) || notifications_.next_warning(e))
        return true;
    state_.attention = false;
    state_.timers.settle();
    return false;
}

bool engine::next_end(event& e) {
    if (!state_.is_over() || std::exchange(state_.closed_is_told, true)) return false;
    e.what = event::kind::closed;
    return true;
}

inline bool engine::take(const frame& f, event& e) {
    if (e.joined) e.joined = nullptr;
    if (!f.more() && bodies_.none()) [[likely]] {
        if (f.kind == frame_kind::request) [[likely]]
            return inbound_.take(state_, f, state_.now, e);
        return take_other(f, e);
    }
    return bodies_.concerns(f) ? take_piece(f, e) : take_whole(f, e);
}

bool engine::next_frame(event& e) {
    held_back_ = false;
    while (!input_.empty()) {
        if (state_.is_over()) {
            hear_credit();
            return false;
        }
        held_back_ = reading_is_held_back(state_);
        if (held_back_) {
            unwatch_frame();  // the rest of a frame is not waited for
            return false;
        }
        if (to_skip_ != 0) {
            skip_arrived();
            continue;
        }
        if (!state_.is_introduced() && (welcome_ || !check_first_bytes(state_, input_))) return false;

        const auto head = wire::parse_frame(input_, state_.frame_limits);
        switch (head.status) {
            case parse_status::complete:
                input_.remove_prefix(head.size);
                wanted_ = 0;
                unwatch_frame();
                if (take(head.frame, e)) return true;
                if (state_.attention) return false;
                break;
            case parse_status::incomplete:
                wanted_ = head.size;
                watch_frame();
                return false;
            case parse_status::oversized:
                if (skip(head.frame, head.size, e)) return true;
                break;
            case parse_status::invalid:
                end_on_frame(head);
                return false;
        }
    }
    if (to_skip_ != 0 && !state_.is_over()) watch_frame();
    return false;
}

// Behind the end nothing is heard any more, except credit for what is still to be sent.
void engine::hear_credit() {
    while (!input_.empty() && !is_closed() && notifications_.has_unsent()) {
        if (to_skip_ != 0) {
            skip_arrived();
            continue;
        }
        const auto head = wire::parse_frame(input_, state_.frame_limits);
        wanted_ = head.size;
        if (head.status == parse_status::incomplete) return;
        if (head.status == parse_status::invalid) break;
        if (head.status == parse_status::oversized) {
            to_skip_ = head.size;
            continue;
        }
        input_.remove_prefix(head.size);
        wanted_ = 0;
        if (head.frame.kind == frame_kind::credit && head.frame.id == 0) notifications_.take_credit(state_, head.frame);
        tell_owed_reason();
    }
    drop_input();
}

void engine::end_on_frame(const wire::parsed& bad) {
    const auto& limits = state_.frame_limits;
    state_.fail(failure(bad.error, std::string(bad.detail) + " (max_frame " + std::to_string(limits.max_frame) +
                                       ", max_message " + std::to_string(limits.max_skip) + " bytes)"));
}

void engine::watch_frame() {
    if (frame_begun_ == never) frame_begun_ = state_.now;
    state_.timers.arm(timer::frame, frame_begun_ + state_.settings.limits.frame_timeout +
                                        std::chrono::seconds(wanted_ / bytes_per_second));
}

void engine::skip_arrived() noexcept {
    const std::size_t arrived = std::min(to_skip_, input_.size());
    input_.remove_prefix(arrived);
    to_skip_ -= arrived;
    if (to_skip_ != 0) return;
    wanted_ = 0;
    unwatch_frame();
}

// Time.

void engine::handle_timeout(time_point now) {
    state_.now = now;
    state_.attention = true;  // deadlines of calls
    if (!is_closed()) {
        if (is_in_use()) state_.liveness.used(now);
        if (!state_.is_introduced() && !state_.is_over() && state_.timers.is_due(timer::hello, now))
            give_up_greeting(state_);
        if (state_.timers.is_due(timer::frame, now) && !held_back_)
            state_.fail(failure(errc::frame_timeout, "a frame was begun and not completed in time"));
        if (state_.timers.is_due(timer::close, now)) give_up_unsent();
        backpressure_.check(state_);
        check_liveness();
    }
    if (state_.is_over()) {
        // What is past would wake it again and again.
        for (const auto which : {timer::hello, timer::frame, timer::body, timer::liveness}) state_.timers.disarm(which);
    }
    if (is_closed()) {
        for (const auto which : {timer::close, timer::write, timer::slow_consumer}) state_.timers.disarm(which);
    }
}

bool engine::is_in_use() const noexcept {
    return inbound_.running() != 0 || !outbound_.empty() || !state_.output.empty() || notifications_.has_unsent() ||
           !notifications_.is_idle() || state_.goaway.is_needed;
}

void engine::check_liveness() {
    if (!state_.is_introduced() || state_.is_over()) return;
    const auto& limits = state_.settings.limits;
    switch (state_.liveness.check(state_.now)) {
        case liveness::verdict::fine:
            break;
        case liveness::verdict::send_ping:
            state_.output.push(frame_kind::ping, 0, std::string_view());
            break;
        case liveness::verdict::lost:
            return state_.abort(failure(errc::ping_timeout, "the other side answers no pings"));
        case liveness::verdict::idle:
            return state_.fail(failure(errc::idle_timeout,
                                       "nothing but pings for " + std::to_string(limits.idle_timeout.count()) + " ms"));
    }
    if (const auto next = state_.liveness.next_check()) state_.timers.arm(timer::liveness, *next);
}

}  // namespace echosocket::protocol
