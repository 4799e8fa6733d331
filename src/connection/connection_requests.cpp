// What a connection does with a REQUEST, from its frame to its handler.
#include "connection/connection.hpp"

#include "wire/meta.hpp"

#include <utility>

namespace echosocket::net {

namespace {

using wire::frame;

std::string_view stream_rule_of(std::uint8_t streams) {
    const bool reads = (streams & wire::stream_from_caller) != 0;
    const bool sends = (streams & wire::stream_to_caller) != 0;
    if (reads && sends) return "this task takes items and sends items";
    if (reads) return "this task takes items and sends none";
    return sends ? "this task sends items and takes none" : "this task takes and sends no items";
}

}  // namespace

bool connection::check_request_id(std::uint32_t id) {
    const std::uint32_t parity = is_server() ? 1 : 0;
    if (id != 0 && id % 2 == parity && !incoming_.is_running(id)) return true;
    fail_on_request_id(id);
    return false;
}

void connection::fail_on_request_id(std::uint32_t id) {
    fail(failure(errc::protocol_error, "a REQUEST with the id " + std::to_string(id) +
                                           (is_server() ? ": ids of a client are odd and not in use"
                                                        : ": ids of a server are even and not in use")));
}

bool connection::handle_request(const frame& f, const std::shared_ptr<const joined_message>& message, request& next) {
    auto& head = last_head_;
    // Most requests have the meta of the one before them.
    if (!head.is_of(f.meta) && !head.read(f.meta)) {
        fail(failure(errc::protocol_error, "the meta of a REQUEST can't be read"));
        return false;
    }
    if (!check_request_id(f.id)) return false;
    head.describe(f, next);
    // A client's tasks may change while it is connected, so it looks again.
    if (head.task == nullptr || !is_server()) head.task = service_.find_task(next.name);
    next.task = head.task;
    next.deadline = deadline_of(head, message ? message->begun : now_);
    if (!may_start(next)) {
        refuse_request(f.id, refusal_of(next));
        return false;
    }
    calls_.add(1);
    liveness_.used(now_);
    last_request_ = f.id;
    if (!next.task->is_coroutine() && next.idempotency_key.empty()) {
        incoming_.serve_in_place(next);
        return false;
    }
    keep_alive(message, next);
    return true;
}

// A coroutine looks at its request for as long as it runs.
void connection::keep_alive(const std::shared_ptr<const joined_message>& message, request& next) {
    // Most requests take the place of one of the same block that had neither stream nor message.
    if (next.stream) next.stream = nullptr;
    if (next.streams != 0) {
        next.stream =
            std::make_shared<call_stream>(shared_from_this(), false, next.streams, settings_->limits.stream_credit);
        next.stream->open(next.id, peer_stream_credit_, output_.max_frame());
    }
    if (message || next.message) next.message = message;
    if (message) {
        next.block = {};
    } else if (next.block != input_.block()) {
        next.block = input_.block();
    }
}

std::optional<time_point> connection::deadline_of(const request_head& head, time_point arrived) const {
    std::optional<time_point> deadline;
    if (head.deadline_ms) deadline = arrived + std::chrono::milliseconds(*head.deadline_ms);
    if (head.streams != 0) return deadline;  // a stream may be of any length, and is given up by its ends
    const auto cap = settings_->max_deadline;
    if (cap.count() > 0 && (!deadline || *deadline > now_ + cap)) deadline = now_ + cap;
    return deadline;
}

void connection::refuse_request(std::uint32_t id, const failure& why) {
    calls_.add(1);
    service_.count_refused(why.code);
    send_error(id, why);
}

bool connection::may_start(const request& r) const {
    return !is_draining() && r.task != nullptr && r.task->streams() == r.streams &&
           (!r.deadline || *r.deadline > now_) && incoming_.has_room();
}

// Why one that may not start may not.
failure connection::refusal_of(const request& r) const {
    if (is_draining()) return failure(errc::shutting_down, "the server is shutting down");
    if (r.task == nullptr) {
        if (!wire::is_valid_name(r.name))
            return failure(errc::bad_request, "a REQUEST names its task with 1 to 255 bytes of UTF-8");
        return service_.unknown_task(r.name);
    }
    if (r.deadline && *r.deadline <= now_)
        return failure(errc::deadline_exceeded, "the deadline had passed when the request was complete");
    if (r.task->streams() != r.streams)
        return failure(errc::bad_request, std::string(stream_rule_of(r.task->streams())));
    if (incoming_.running() < settings_->limits.max_calls)
        return failure(errc::overloaded, "too many running calls on this server");
    return failure(errc::overloaded, "too many running calls: at most " + std::to_string(settings_->limits.max_calls) +
                                         " on one connection");
}

}  // namespace echosocket::net
