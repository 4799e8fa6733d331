// What a connection does on each frame.
#include "net/connection.hpp"

#include "protocol/frame.hpp"
#include "protocol/hello.hpp"
#include "protocol/meta.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

using protocol::frame;
using protocol::frame_kind;
using protocol::parse_status;

failure too_many_bodies() {
    return failure(errc::protocol_error,
                   "more than " + std::to_string(protocol::max_unfinished_bodies) + " bodies begun and not finished");
}

}  // namespace

std::optional<request> connection::next_request() {
    while (!is_over() && input_.size() != 0) {
        if (is_server() && output_.size() > settings_->limits.output_soft) return std::nullopt;
        if (bytes_to_skip_ != 0) {
            skip_arrived();
            continue;
        }
        if (state_ == connection_state::awaiting_hello && !could_be_hello()) return std::nullopt;

        const auto& limits = settings_->limits;
        const auto head = protocol::parse_frame(input_.data(), {limits.max_frame, limits.max_message});
        switch (head.status) {
            case parse_status::complete: {
                input_.consume(head.size);
                frame_size_ = 0;
                frame_begun_.reset();
                if (auto next = handle(head.frame)) return next;
                break;
            }
            case parse_status::incomplete:
                frame_size_ = head.size;
                return std::nullopt;
            case parse_status::oversized:
                skip(head.frame, head.size);
                break;
            case parse_status::invalid:
                fail(failure(head.error, std::string(head.detail) + " (max_frame " + std::to_string(limits.max_frame) +
                                             ", max_message " + std::to_string(limits.max_message) + " bytes)"));
                return std::nullopt;
        }
    }
    if (is_over()) input_.consume(input_.size());
    return std::nullopt;
}

bool connection::could_be_hello() {
    const auto bytes = input_.data();
    // A server that does not take the connection says so in place of its HELLO.
    if (!is_server() && bytes.size() > 4 && static_cast<frame_kind>(bytes[4]) == frame_kind::error) return true;
    const auto check = protocol::check_hello_start(bytes);
    if (check.error == errc{}) return true;
    abort(failure(check.error, std::string(check.detail)));
    return false;
}

void connection::skip(const frame& f, std::size_t size) {
    if (state_ == connection_state::awaiting_hello)
        return abort(failure(errc::not_echosocket, "the first frame is too large for a HELLO"));
    bytes_to_skip_ = size;
    frame_size_ = 0;
    const std::string detail = "the body is above the limit of one frame: max_frame is " +
                               std::to_string(settings_->limits.max_frame) + " bytes; split it";
    if (protocol::is_splittable(f.kind) && (f.more() || assembler_)) {
        using outcome = protocol::body_assembler::outcome;
        const auto came_to = assembler().add_oversized(f);
        if (came_to == outcome::dropped) return;
        if (came_to == outcome::too_many) return fail(too_many_bodies());
    }
    refuse_body(f, detail);
}

void connection::refuse_body(const frame& f, std::string detail) {
    failure why(errc::message_too_large, std::move(detail));
    if (f.kind == frame_kind::request && check_request_id(f.id)) send_error(f.id, why);
    if (f.kind == frame_kind::response) outgoing_.end(f.id, std::move(why));
}

protocol::body_assembler& connection::assembler() {
    if (!assembler_) assembler_ = std::make_unique<protocol::body_assembler>(settings_->limits.max_message);
    return *assembler_;
}

void connection::skip_arrived() {
    const std::size_t arrived = std::min(bytes_to_skip_, input_.size());
    input_.consume(arrived);
    bytes_to_skip_ -= arrived;
    if (bytes_to_skip_ == 0) frame_begun_.reset();
}

std::optional<request> connection::handle(const frame& f) {
    if (!f.more() && (!assembler_ || assembler_->empty())) return handle_whole(f, nullptr);
    return state_ != connection_state::awaiting_hello && protocol::is_splittable(f.kind) ? handle_piece(f)
                                                                                         : handle_whole(f, nullptr);
}

std::optional<request> connection::handle_piece(const frame& f) {
    if (!assembler().concerns(f)) return handle_whole(f, nullptr);

    using outcome = protocol::body_assembler::outcome;
    switch (assembler_->add(f)) {
        case outcome::partial:
        case outcome::dropped:
            return std::nullopt;
        case outcome::too_large:
            refuse_body(f, "the body is above the limit: max_message is " +
                               std::to_string(settings_->limits.max_message) + " bytes");
            return std::nullopt;
        case outcome::too_many:
            fail(too_many_bodies());
            return std::nullopt;
        case outcome::complete:
            break;
    }
    frame whole = assembler_->message();
    auto message = std::make_shared<joined_message>();
    message->meta = std::string(whole.meta);
    message->body = assembler_->take_body();
    whole.meta = message->meta;
    whole.body = message->body;
    return handle_whole(whole, std::move(message));
}

std::optional<request> connection::handle_whole(const frame& f, std::shared_ptr<const joined_message> message) {
    if (f.kind == frame_kind::request && state_ != connection_state::awaiting_hello)
        return handle_request(f, std::move(message));
    if (state_ == connection_state::awaiting_hello && f.kind != frame_kind::hello && f.kind != frame_kind::error) {
        fail(failure(errc::protocol_error, "the first frame is no HELLO"));
        return std::nullopt;
    }
    // RESPONSE is most of what comes; it is judged where it is read.
    if (f.kind != frame_kind::response) {
        if (const auto fault = protocol::fault_of(f); !fault.empty()) {
            fail(failure(errc::protocol_error, std::string(fault)));
            return std::nullopt;
        }
    }
    switch (f.kind) {
        case frame_kind::hello:
            handle_hello(f);
            break;
        case frame_kind::response:
            outgoing_.handle_reply(f);
            break;
        case frame_kind::error:
            f.id == 0 ? handle_connection_error(f) : outgoing_.handle_error(f);
            break;
        case frame_kind::cancel:
            handle_cancel(f);
            break;
        case frame_kind::ping:
            handle_ping(f);
            break;
        case frame_kind::pong:
            if (is_draining() && f.body == drain_barrier) drain_barrier_passed_ = true;
            break;
        case frame_kind::goaway:
            handle_goaway();
            break;
        case frame_kind::request:
        case frame_kind::notify:  // nobody here has asked for any
        case frame_kind::item:    // of a stream that is over, as far as this end knows
        case frame_kind::end:
        case frame_kind::credit:
            break;
        default:
            if (!f.ignorable())
                fail(failure(errc::protocol_error,
                             "a frame of the unknown kind " + std::to_string(static_cast<unsigned>(f.kind))));
    }
    return std::nullopt;
}

void connection::handle_hello(const frame& f) {
    if (state_ != connection_state::awaiting_hello)
        return fail(failure(errc::protocol_error, "a second HELLO on one connection"));
    protocol::hello hello;
    if (const auto check = protocol::parse_hello(f, hello); check.error != errc{})
        return fail(failure(check.error, std::string(check.detail)));
    hello_due_.reset();
    set_name(hello.name);
    output_.set_max_frame(hello.max_frame);
    peer_max_message_ = hello.max_message;
    if (is_server()) say_hello();
    enter(connection_state::open);
    if (const auto next = liveness_.next_check()) wake_at(*next);
    outgoing_.set_max_calls(hello.max_calls);
    log(log_level::debug, "connected: " + protocol::printable(hello.name));
    if (hello_waiter_) std::exchange(hello_waiter_, std::nullopt)->complete({});
}

void connection::say_hello() {
    output_.push_encoded(settings_->hello);
}

bool connection::check_request_id(std::uint32_t id) {
    const std::uint32_t parity = is_server() ? 1 : 0;
    const bool valid = id != 0 && id % 2 == parity && !incoming_.is_running(id);
    if (!valid)
        fail(failure(errc::protocol_error, "a REQUEST with the id " + std::to_string(id) +
                                               (is_server() ? ": ids of a client are odd and not in use"
                                                            : ": ids of a server are even and not in use")));
    return valid;
}

std::optional<request> connection::handle_request(const frame& f, std::shared_ptr<const joined_message> message) {
    protocol::meta meta;
    if (!protocol::parse_meta(f.meta, meta)) {
        fail(failure(errc::protocol_error, "the meta of a REQUEST can't be read"));
        return std::nullopt;
    }
    if (!check_request_id(f.id)) return std::nullopt;
    calls_.add(1);
    request r;
    r.id = f.id;
    r.task = service_.find_task(meta.name);
    r.name = meta.name;
    r.trace_id = meta.trace_id;
    r.body = f.body;
    if (auto why = refusal_of(r, meta)) {
        service_.count_refused(why->code);
        send_error(f.id, *why);
        return std::nullopt;
    }
    last_request_ = f.id;
    if (meta.deadline_ms) r.deadline = now_ + std::chrono::milliseconds(*meta.deadline_ms);
    if (const auto cap = settings_->max_deadline; cap.count() > 0 && (!r.deadline || *r.deadline > now_ + cap))
        r.deadline = now_ + cap;
    if (!r.task->is_coroutine()) {
        incoming_.serve_in_place(r);
        return std::nullopt;
    }
    if (!message) r.block = input_.block();
    r.message = std::move(message);
    return r;
}

std::optional<failure> connection::refusal_of(const request& r, const protocol::meta& meta) const {
    if (is_draining()) return failure(errc::shutting_down, "the server is shutting down");
    if (r.task == nullptr) return service_.unknown_task(r.name);
    if (meta.streams != 0) return failure(errc::bad_request, "this task takes and gives no stream");
    if (!incoming_.has_room())
        return failure(errc::overloaded, "too many running calls: at most " +
                                             std::to_string(settings_->limits.max_calls) + " on one connection");
    return std::nullopt;
}

void connection::handle_cancel(const frame& f) {
    provoked();
    if (assembler_ && assembler_->abandon(frame_kind::request, f.id)) {
        send_error(f.id, failure(errc::cancelled, "cancelled before it was complete"));
    } else {
        incoming_.cancel(f.id, errc::cancelled);
    }
}

void connection::handle_ping(const frame& f) {
    output_.push(frame_kind::pong, 0, {}, f.body);
}

void connection::handle_connection_error(const frame& f) {
    failure why = read_failure(f);
    why.detail = "the other side closed the connection: " + protocol::printable(why.detail, protocol::max_text);
    begin_closing(std::move(why));
}

void connection::handle_goaway() {
    // Whoever says GOAWAY waits for us to be done: what runs may end, then this end closes.
    drain_barrier_passed_ = true;
    enter(connection_state::draining);
}

void connection::send_reply(std::uint32_t id, std::string_view body, content_type type) {
    if (is_over()) return;
    if (body.size() > peer_max_message_) return send_error(id, reply_too_large(body.size()));
    output_.push(frame_kind::response, id, {.content_type = static_cast<std::uint8_t>(type)}, body);
}

void connection::send_reply(std::uint32_t id, std::string&& body, content_type type) {
    if (is_over()) return;
    if (body.size() > peer_max_message_) return send_error(id, reply_too_large(body.size()));
    output_.push(frame_kind::response, id, {.content_type = static_cast<std::uint8_t>(type)}, std::move(body));
}

failure connection::reply_too_large(std::size_t bytes) const {
    failure why(errc::message_too_large, "the reply has " + std::to_string(bytes) +
                                             " bytes; the caller takes at most " + std::to_string(peer_max_message_));
    why.started = true;
    return why;
}

void connection::send_error(std::uint32_t id, const failure& why) {
    if (is_over()) return;
    failed_.add(1);
    protocol::meta meta{.code = static_cast<std::uint16_t>(why.code)};
    if (why.retryable) meta.facts |= protocol::fact_retryable;
    if (why.started) meta.facts |= protocol::fact_started;
    output_.push(frame_kind::error, id, meta, std::string_view(why.detail).substr(0, protocol::max_text));
    const bool callers_fault = why.code == errc::bad_request || why.code == errc::unknown_task ||
                               why.code == errc::not_allowed || why.code == errc::overloaded ||
                               why.code == errc::message_too_large;
    if (callers_fault) provoked();
}

void connection::provoked() {
    if (!patience_.take(now_))
        fail(failure(errc::abusive, "too many cancels and errors in a short time; try again more slowly"));
}

}  // namespace echosocket::net
