#include "protocol/engine.hpp"

#include "protocol/handshake.hpp"
#include "wire/failure_record.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

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
    state_.abort(std::move(why));
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
    if (state_.is_over() && !std::exchange(state_.closed_is_told, true)) {
        e.what = event::kind::closed;
        return true;
    }
    if (outbound_.next_ended(state_, streams_, e) || inbound_.next_expired(state_, e) || inbound_.next_freed(e) ||
        streams_.next_sendable(state_, e) || notifications_.next_warning(e))
        return true;
    state_.attention = false;
    state_.timers.settle();
    return false;
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
            drop_input();
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
        if (inbound_.running() != 0 || !outbound_.empty() || has_output()) state_.liveness.used(now);
        if (!state_.is_introduced() && !state_.is_over() && state_.timers.is_due(timer::hello, now))
            give_up_greeting(state_);
        if (state_.timers.is_due(timer::frame, now) && !held_back_)
            state_.fail(failure(errc::frame_timeout, "a frame was begun and not completed in time"));
        backpressure_.check(state_);
        check_liveness();
    }
    if (state_.is_over()) {
        // What is past would wake it again and again.
        for (const auto which : {timer::hello, timer::frame, timer::liveness}) state_.timers.disarm(which);
    }
    if (is_closed()) {
        for (const auto which : {timer::close, timer::write, timer::slow_consumer}) state_.timers.disarm(which);
    }
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

// Frames.

bool engine::take_whole(const frame& f, event& e) {
    if (f.kind == frame_kind::request) return inbound_.take(state_, f, e.joined ? e.joined->begun : state_.now, e);
    return take_other(f, e);
}

bool engine::take_other(const frame& f, event& e) {
    if (f.kind == frame_kind::response) {  // most of what comes to a client; it is judged where it is read
        state_.liveness.used(state_.now);
        return outbound_.take_reply(state_, streams_, f, e);
    }
    if (const auto fault = wire::fault_of(f); !fault.empty()) {
        state_.fail(failure(errc::protocol_error, std::string(fault)));
        return false;
    }
    if (f.kind != frame_kind::ping && f.kind != frame_kind::pong) state_.liveness.used(state_.now);
    switch (f.kind) {
        case frame_kind::hello:
            return take_hello(f, e);
        case frame_kind::error:
            return take_error(f, e);
        case frame_kind::cancel:
            return take_cancel(f, e);
        case frame_kind::notify:
            return take_notify(f, e);
        case frame_kind::item:
        case frame_kind::end:
        case frame_kind::credit:
            return take_stream_frame(f, e);
        case frame_kind::ping:
            take_ping(f);
            return false;
        case frame_kind::pong:
            take_barrier(state_, f.body);
            return false;
        case frame_kind::goaway:
            take_goaway(state_);
            e.what = event::kind::peer_goaway;
            return true;
        case frame_kind::request:
        case frame_kind::response:
            break;
    }
    if (!wire::is_known(f.kind) && !f.ignorable())
        state_.fail(failure(errc::protocol_error,
                            "a frame of the unknown kind " + std::to_string(static_cast<unsigned>(f.kind))));
    return false;
}

bool engine::take_hello(const frame& f, event& e) {
    auto hello = std::make_unique<wire::hello>();
    if (!protocol::take_hello(state_, f, *hello)) return false;
    welcome_ = std::move(hello);
    e.what = event::kind::opened;
    e.name = welcome_->name;
    return true;
}

void engine::accept() {
    is_welcome_ = true;
    state_.peer.max_calls = welcome_->max_calls;
    end_greeting(state_);
    if (state_.is_over()) return;
    notifications_.fill(state_);
    streams_.greeted(state_);
    outbound_.send_queued(state_, streams_);
}

bool engine::take_error(const frame& f, event& e) {
    failure why = wire::read_failure(f);
    if (f.id != 0) return outbound_.fail(state_, streams_, f.id, std::move(why), e);
    why.detail = "the other side closed the connection: " + wire::printable(why.detail, wire::max_text);
    state_.close(std::move(why));
    return false;
}

bool engine::take_cancel(const frame& f, event& e) {
    inbound_.charge_for_cancel(state_, f.id);
    if (!bodies_.abandon_request(f.id)) return inbound_.cancel(f.id, errc::cancelled, e);
    ++state_.counts.calls;
    state_.send_error(f.id, failure(errc::cancelled, "cancelled before it was complete"));
    return false;
}

bool engine::take_notify(const frame& f, event& e) {
    ++state_.counts.notifications_in;
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta) || !wire::is_valid_name(meta.name)) return false;
    e.what = event::kind::notification;
    e.name = meta.name;
    e.trace_id = meta.trace_id;
    e.type = meta.content_type;
    e.body = f.body;
    return true;
}

bool engine::take_stream_frame(const frame& f, event& e) {
    const bool known = streams_.has(f.id) || inbound_.is_running(f.id) || outbound_.is_in_flight(f.id);
    return known && streams_.take(state_, f, e);  // else of a call that is over, as far as this end knows
}

void engine::take_ping(const frame& f) {
    // A server reads no further while so much is queued; a client has to, and must not be filled up with answers.
    if (state_.output.backlog() > state_.settings.limits.output_soft) state_.charge_abuse();
    if (!state_.is_over()) state_.output.push(frame_kind::pong, 0, {}, f.body);
}

// Bodies in pieces, and bodies that are too large.

bool engine::take_piece(const frame& f, event& e) {
    if (!bodies_.continues(f) && !may_begin(f)) return false;
    switch (bodies_.add(state_, f, e.joined)) {
        case split_bodies::outcome::partial:
        case split_bodies::outcome::ended:
            return false;
        case split_bodies::outcome::too_large:
            return refuse_body(f,
                               "the body is above the limit: max_message is " +
                                   std::to_string(state_.settings.limits.max_message) + " bytes",
                               e);
        case split_bodies::outcome::complete:
            break;
    }
    frame whole = f;
    whole.meta = e.joined->meta;
    whole.body = e.joined->body;
    return take_whole(whole, e);
}

// What is wrong with a body's first frame is wrong at once: nothing more of it needs to be kept.
bool engine::may_begin(const frame& f) {
    if (f.kind == frame_kind::response) return true;  // judged where it is read
    if (const auto fault = wire::fault_of(f); !fault.empty()) {
        state_.fail(failure(errc::protocol_error, std::string(fault)));
        return false;
    }
    return f.kind != frame_kind::request || inbound_.check_id(state_, f.id);
}

bool engine::skip(const frame& f, std::size_t size, event& e) {
    to_skip_ = wanted_ = size;
    if (wire::is_splittable(f.kind) && f.more() && !bodies_.continues(f) && !may_begin(f)) return false;
    if (bodies_.add_oversized(state_, f) != split_bodies::outcome::too_large) return false;
    return refuse_body(f,
                       "the body is above the limit of one frame: max_frame is " +
                           std::to_string(state_.settings.limits.max_frame) + " bytes; split it",
                       e);
}

bool engine::refuse_body(const frame& f, std::string detail, event& e) {
    failure why(errc::message_too_large, std::move(detail));
    if (f.kind == frame_kind::request) return inbound_.refuse_too_large(state_, f.id, why, e);
    if (f.kind == frame_kind::response) return outbound_.fail(state_, streams_, f.id, std::move(why), e);
    if (f.kind != frame_kind::item) return false;
    return inbound_.cancel(f.id, errc::message_too_large, e) ||
           outbound_.give_up(state_, streams_, f.id, std::move(why), e);
}

// Output.

void engine::wrote(std::size_t bytes) {
    state_.output.wrote(bytes);
    backpressure_.wrote(state_, bytes);
    if (!state_.output_is_full()) inbound_.room_came(state_);
    streams_.room_came(state_);
    notifications_.fill(state_);
}

void engine::output_failed() {
    state_.output.clear();
    notifications_.clear();
    state_.timers.arm_earlier(timer::close, state_.now + linger);
}

bool engine::finishes_sending() {
    if (has_output()) return false;
    check_drained();
    if (state_.phase != phase::closing || std::exchange(state_.goaway.send_is_shut, true)) return false;
    state_.timers.arm(timer::close, state_.now + linger);
    return true;
}

void engine::check_drained() {
    close_if_drained(state_, inbound_.running() == 0 && outbound_.empty());
}

// Commands.

void engine::dismiss(failure why) {
    // Before the HELLO nothing is said but the reason.
    if (state_.is_introduced() && !state_.is_over()) notifications_.write_all(state_);
    state_.fail(std::move(why));
}

void engine::goaway() {
    say_goaway(state_, inbound_.last_request());
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
    notifications_.fill(state_);
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
