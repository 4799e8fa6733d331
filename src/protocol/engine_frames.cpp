// The engine: which chapter a frame belongs to, and bodies that come in pieces or are too large.
#include "protocol/engine.hpp"

#include "protocol/handshake.hpp"
#include "wire/failure_record.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <utility>

namespace echosocket::protocol {

using wire::frame;
using wire::frame_kind;

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
            return notifications_.take(state_, f, e);
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

bool engine::take_error(const frame& f, event& e) {
    failure why = wire::read_failure(f);
    if (f.id != 0) return outbound_.fail(state_, streams_, f.id, std::move(why), e);
    why.detail = "the other side closed the connection: " + wire::printable(why.detail, wire::max_text);
    notifications_.clear(state_);  // it gives no more credit
    state_.close(std::move(why));
    return false;
}

bool engine::take_cancel(const frame& f, event& e) {
    inbound_.charge_for_cancel(state_, f.id);
    if (!bodies_.abandon_request(state_, f.id)) return inbound_.cancel(f.id, errc::cancelled, e);
    ++state_.counts.calls;
    state_.send_error(f.id, failure(errc::cancelled, "cancelled before it was complete"));
    return false;
}

bool engine::take_stream_frame(const frame& f, event& e) {
    if (f.id == 0 && f.kind == frame_kind::credit) {
        notifications_.take_credit(state_, f);
        return false;
    }
    const bool known = streams_.has(f.id) || inbound_.is_running(f.id) || outbound_.is_in_flight(f.id);
    return known && streams_.take(state_, f, e);  // else of a call that is over, as far as this end knows
}

void engine::take_ping(const frame& f) {
    // A server reads no further while so much is queued; a client has to, and must not be filled up with answers.
    if (state_.output.backlog() > state_.settings.limits.output_soft) state_.charge_abuse();
    if (state_.is_over()) return;
    if (state_.goaway.told && !std::exchange(state_.goaway.was_asked, true))
        return notifications_.answer_leaving(state_, f.body);
    state_.output.push(frame_kind::pong, 0, {}, f.body);
}

// Bodies in pieces, and bodies that are too large.

bool engine::take_piece(const frame& f, event& e) {
    if (!bodies_.continues(f) && !may_begin(f)) return false;
    if (!f.body.empty()) state_.liveness.used(state_.now);
    if (is_split_stream(f)) return refuse_split_stream(f, e);
    if (state_.memory != nullptr && state_.memory->is_short() && f.kind == frame_kind::request && !bodies_.continues(f))
        return refuse_for_memory(f, e);
    switch (bodies_.add(state_, f, e.joined)) {
        case split_bodies::outcome::partial:
            if (f.kind == frame_kind::response && !outbound_.is_in_flight(f.id)) drop_reply(f, e);
            return false;
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

// Items would overtake the pieces.
bool engine::is_split_stream(const frame& f) const {
    wire::meta meta;
    return f.kind == frame_kind::request && f.more() && !bodies_.continues(f) && wire::parse_meta(f.meta, meta) &&
           meta.streams != 0;
}

bool engine::refuse_split_stream(const frame& f, event& e) {
    if (bodies_.add_oversized(state_, f) != split_bodies::outcome::too_large) return false;
    return refuse_body(f, "the arguments of a call with streams have to fit into one frame", e);
}

// Large bodies are what memory is short of: one that has just begun is not kept.
bool engine::refuse_for_memory(const frame& f, event& e) {
    if (bodies_.add_oversized(state_, f) != split_bodies::outcome::too_large) return false;
    const failure why(errc::overloaded, "the server holds as much memory for its clients as it may; try again later");
    return inbound_.refuse_incomplete(state_, f.id, why, e);
}

// A piece of an answer that nobody waits for; with the last one the call has ended for the other end too.
void engine::drop_reply(const frame& f, event& e) {
    if (f.more()) return bodies_.abandon_response(state_, f.id);
    (void)outbound_.take_reply(state_, streams_, f, e);
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
    if (f.kind == frame_kind::request) return inbound_.refuse_incomplete(state_, f.id, why, e);
    if (f.kind == frame_kind::response) return outbound_.fail(state_, streams_, f.id, std::move(why), e);
    if (f.kind != frame_kind::item) return false;
    return inbound_.cancel(f.id, errc::message_too_large, e) ||
           outbound_.give_up(state_, streams_, f.id, std::move(why), e);
}

}  // namespace echosocket::protocol
