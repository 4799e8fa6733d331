// What a connection does on each frame.
#include "connection/connection.hpp"

#include "wire/failure_record.hpp"
#include "wire/frame.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <utility>

namespace echosocket::net {

namespace {

using wire::frame;
using wire::frame_kind;
using wire::parse_status;

}  // namespace

bool connection::next_request(request& next) {
    held_back_ = false;
    while (!is_over() && input_.size() != 0) {
        held_back_ = is_server() && output_.backlog() > settings_->limits.output_soft;
        if (held_back_) return false;
        if (bytes_to_skip_ != 0) {
            skip_arrived();
            continue;
        }
        if (state_ == connection_state::awaiting_hello && !could_be_hello()) return false;

        const auto limits = limits_of_next_frame();
        const auto head = wire::parse_frame(input_.data(), limits);
        switch (head.status) {
            case parse_status::complete: {
                input_.consume(head.size);
                frame_size_ = 0;
                frame_begun_ = never;
                if (handle(head.frame, next)) return true;
                break;
            }
            case parse_status::incomplete:
                frame_size_ = head.size;
                return false;
            case parse_status::oversized:
                skip(head.frame, head.size);
                break;
            case parse_status::invalid:
                fail_on_frame(head.error, head.detail);
                return false;
        }
    }
    if (is_over()) input_.consume(input_.size());
    return false;
}

void connection::fail_on_frame(errc error, std::string_view detail) {
    const auto limits = limits_of_next_frame();
    fail(failure(error, std::string(detail) + " (max_frame " + std::to_string(limits.max_frame) + ", max_message " +
                            std::to_string(limits.max_skip) + " bytes)"));
}

wire::frame_limits connection::limits_of_next_frame() const noexcept {
    if (state_ == connection_state::awaiting_hello) return {wire::max_hello, wire::max_hello};
    return {settings_->limits.max_frame, settings_->limits.max_message};
}

bool connection::could_be_hello() {
    const auto bytes = input_.data();
    const auto check = is_server() ? wire::check_hello_start(bytes) : wire::check_answer_start(bytes);
    if (check.error == errc{}) return true;
    abort(failure(check.error, std::string(check.detail)));
    return false;
}

bool connection::handle(const frame& f, request& next) {
    if (!f.more() && (!assembler_ || assembler_->empty())) return handle_whole(f, nullptr, next);
    return wire::is_splittable(f.kind) ? handle_piece(f, next) : handle_whole(f, nullptr, next);
}

bool connection::handle_whole(const frame& f, const std::shared_ptr<const joined_message>& message, request& next) {
    if (f.kind == frame_kind::request) return handle_request(f, message, next);
    handle_other(f);
    return false;
}

void connection::handle_other(const frame& f) {
    // RESPONSE is most of what comes; it is judged where it is read.
    if (f.kind != frame_kind::response) {
        if (const auto fault = wire::fault_of(f); !fault.empty())
            return fail(failure(errc::protocol_error, std::string(fault)));
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
            return handle_ping(f);
        case frame_kind::pong:
            if (is_draining() && f.body == drain_barrier) drain_barrier_passed_ = true;
            return;
        case frame_kind::goaway:
            handle_goaway();
            break;
        case frame_kind::request:
            break;
        case frame_kind::notify:
            handle_notify(f);
            break;
        case frame_kind::item:
        case frame_kind::end:
        case frame_kind::credit:
            handle_stream_frame(f);
            break;
        default:
            if (!f.ignorable())
                fail(failure(errc::protocol_error,
                             "a frame of the unknown kind " + std::to_string(static_cast<unsigned>(f.kind))));
    }
    liveness_.used(now_);
}

void connection::handle_hello(const frame& f) {
    if (state_ != connection_state::awaiting_hello)
        return fail(failure(errc::protocol_error, "a second HELLO on one connection"));
    wire::hello hello;
    if (const auto check = wire::parse_hello(f, hello); check.error != errc{})
        return fail(failure(check.error, std::string(check.detail)));
    hello_due_ = never;
    set_name(hello.name);
    output_.set_max_frame(hello.max_frame);
    peer_max_message_.store(hello.max_message, std::memory_order_relaxed);
    peer_stream_credit_ = hello.stream_credit;
    if (auto welcome = service_.opened(*this); !welcome) return fail(std::move(welcome.error()));
    was_opened_ = true;
    if (is_server()) say_hello();
    enter(connection_state::open);
    notifications_out_.fill_outbox();
    if (const auto next = liveness_.next_check()) wake_at(*next);
    outgoing_.set_max_calls(hello.max_calls);
    if (settings_->log) log(log_level::debug, "connected: " + wire::printable(hello.name));
    if (hello_waiter_) std::exchange(hello_waiter_, std::nullopt)->complete({});
}

void connection::say_hello() {
    output_.push_encoded(settings_->hello);
}

void connection::handle_notify(const frame& f) {
    wire::meta meta;
    notifications_in_count_.add(1);
    if (!wire::parse_meta(f.meta, meta) || !wire::is_valid_name(meta.name)) return;
    auto* listener = service_.find_listener(meta.name);
    if (listener == nullptr) return;
    if (!notifications_in_) notifications_in_ = std::make_unique<incoming_notifications>(*this);
    notifications_in_->take(*listener, meta.name, meta.trace_id, meta.content_type, f.body);
}

void connection::handle_stream_frame(const frame& f) {
    const bool ours = (f.id & 1U) == (first_call_id() & 1U);
    const bool known = ours ? outgoing_.is_in_flight(f.id) : incoming_.is_running(f.id);
    if (!known) return;  // of a call that is over, as far as this end knows
    const auto stream = ours ? outgoing_.stream_of(f.id) : incoming_.stream_of(f.id);
    std::string_view fault = "on a call without streams";
    if (stream && f.kind == frame_kind::item) fault = stream->take_item(f);
    if (stream && f.kind == frame_kind::end) fault = stream->take_end(f);
    if (stream && f.kind == frame_kind::credit) fault = stream->take_credit(f);
    if (!fault.empty()) fail(failure(errc::protocol_error, std::string(name_of(f.kind)) + ": " + std::string(fault)));
}

void connection::handle_cancel(const frame& f) {
    if (!incoming_.takes_for_timeout(f.id, now_)) charge_abuse();
    if (assembler_ && assembler_->abandon(frame_kind::request, f.id)) {
        calls_.add(1);
        send_error(f.id, failure(errc::cancelled, "cancelled before it was complete"));
    } else {
        incoming_.cancel(f.id, errc::cancelled);
    }
}

void connection::handle_ping(const frame& f) {
    // A server reads no more while that much is queued; a client has to, and must not be filled up with answers.
    if (output_.backlog() > settings_->limits.output_soft) charge_abuse();
    output_.push(frame_kind::pong, 0, {}, f.body);
}

void connection::handle_connection_error(const frame& f) {
    failure why = wire::read_failure(f);
    why.detail = "the other side closed the connection: " + wire::printable(why.detail, wire::max_text);
    begin_closing(std::move(why));
}

void connection::handle_goaway() {
    // Whoever says GOAWAY waits for us to be done: what runs may end, then this end closes.
    drain_barrier_passed_ = true;
    told_to_go_ = true;
    enter(connection_state::draining);
    service_.told_to_go(*this);
    outgoing_.end_queued(failure(errc::shutting_down, "the other side is shutting down and takes no new calls"));
}

void connection::send_reply(std::uint32_t id, std::string_view body, content_type type) {
    if (is_over()) return;
    if (body.size() > peer_max_message()) return send_error(id, reply_too_large(body.size()));
    if (type == content_type::bytes) return output_.push(frame_kind::response, id, body);
    output_.push(frame_kind::response, id, {.content_type = type}, body);
}

void connection::send_reply(std::uint32_t id, std::string&& body, content_type type) {
    if (is_over()) return;
    if (body.size() > peer_max_message()) return send_error(id, reply_too_large(body.size()));
    output_.push(frame_kind::response, id, {.content_type = type}, std::move(body));
}

failure connection::reply_too_large(std::size_t bytes) const {
    failure why(errc::message_too_large, "the reply has " + std::to_string(bytes) +
                                             " bytes; the caller takes at most " + std::to_string(peer_max_message()));
    why.started = true;
    return why;
}

void connection::send_error(std::uint32_t id, const failure& why) {
    if (is_over()) return;
    failed_.add(1);
    push_error(id, why);
    const bool callers_fault = why.code == errc::bad_request || why.code == errc::unknown_task ||
                               why.code == errc::not_allowed || why.code == errc::overloaded ||
                               why.code == errc::message_too_large;
    if (callers_fault) charge_abuse();
}

void connection::push_error(std::uint32_t id, const failure& why) {
    output_.push(frame_kind::error, id, wire::meta_of(why), wire::text_of(why, output_.max_frame()));
}

void connection::charge_abuse() {
    if (!abuse_budget_)
        abuse_budget_ =
            std::make_unique<protocol::token_bucket>(settings_->limits.abuse_burst, settings_->limits.abuse_per_second);
    if (!abuse_budget_->take(now_))
        fail(failure(errc::abusive, "too many cancels and errors in a short time; try again more slowly"));
}

}  // namespace echosocket::net
