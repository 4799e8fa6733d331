// What a connection does with bodies that come in pieces, or are too large to be taken.
#include "connection/connection.hpp"

#include "memory/large_body.hpp"
#include "wire/frame.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

using wire::frame;
using wire::frame_kind;
using outcome = protocol::body_assembler::outcome;

failure too_many_bodies() {
    return failure(errc::protocol_error,
                   "more than " + std::to_string(protocol::max_unfinished_bodies) + " bodies begun and not finished");
}

}  // namespace

protocol::body_assembler& connection::assembler() {
    if (!assembler_)
        assembler_ = std::make_unique<protocol::body_assembler>(settings_->limits.max_message,
                                                                protocol::max_unfinished_bodies, will_be_filled);
    return *assembler_;
}

bool connection::handle_piece(const frame& f, request& next) {
    if (!assembler().concerns(f)) return handle_whole(f, nullptr, next);
    if (!assembler_->continues(f) && !may_begin(f)) return false;

    switch (assembler_->add(f, now_)) {
        case outcome::partial:
        case outcome::dropped:
            return false;
        case outcome::too_large:
            refuse_body(f, "the body is above the limit: max_message is " +
                               std::to_string(settings_->limits.max_message) + " bytes");
            return false;
        case outcome::too_many:
            fail(too_many_bodies());
            return false;
        case outcome::complete:
            break;
    }
    frame whole = assembler_->message();
    auto body = assembler_->take_body();
    was_filled(body);
    if (whole.kind == frame_kind::response) {
        outgoing_.handle_reply(whole, std::move(body));
        liveness_.used(now_);
        return false;
    }
    auto message = std::make_shared<joined_message>();
    message->meta = std::string(whole.meta);
    message->begun = assembler_->begun();
    message->body = std::move(body);
    whole.meta = message->meta;
    whole.body = message->body;
    return handle_whole(whole, message, next);
}

// What is wrong with a body's first frame is wrong at once: nothing more of it needs to be kept.
bool connection::may_begin(const frame& f) {
    if (f.kind == frame_kind::response) return true;  // judged where it is read
    if (const auto fault = wire::fault_of(f); !fault.empty()) {
        fail(failure(errc::protocol_error, std::string(fault)));
        return false;
    }
    return f.kind != frame_kind::request || check_request_id(f.id);
}

void connection::skip(const frame& f, std::size_t size) {
    bytes_to_skip_ = frame_size_ = size;
    if (wire::is_splittable(f.kind) && (f.more() || assembler_)) {
        if (!assembler().continues(f) && !may_begin(f)) return;
        const auto came_to = assembler_->add_oversized(f);
        if (came_to == outcome::dropped) return;
        if (came_to == outcome::too_many) return fail(too_many_bodies());
    }
    refuse_body(f, "the body is above the limit of one frame: max_frame is " +
                       std::to_string(settings_->limits.max_frame) + " bytes; split it");
}

void connection::skip_arrived() {
    const std::size_t arrived = std::min(bytes_to_skip_, input_.size());
    input_.consume(arrived);
    bytes_to_skip_ -= arrived;
    if (bytes_to_skip_ != 0) return;
    frame_size_ = 0;
    frame_begun_ = never;
}

void connection::refuse_item(std::uint32_t id, failure why) {
    incoming_.cancel(id, errc::message_too_large);
    outgoing_.give_up(id, std::move(why));
}

void connection::refuse_body(const frame& f, std::string detail) {
    failure why(errc::message_too_large, std::move(detail));
    if (f.kind == frame_kind::request && check_request_id(f.id)) refuse_request(f.id, why);
    if (f.kind == frame_kind::response) outgoing_.end(f.id, std::move(why));
    if (f.kind == frame_kind::item) refuse_item(f.id, std::move(why));
}

}  // namespace echosocket::net
