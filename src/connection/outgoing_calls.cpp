#include "connection/outgoing_calls.hpp"

#include "connection/connection.hpp"
#include "wire/failure_record.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

// What is longer than that is as good as none, and adding it to a time overflows at some point.
constexpr std::chrono::milliseconds longest_timeout = std::chrono::hours(24 * 365);

// Calls that came from another executor at once, for which memory is kept.
constexpr std::size_t kept_inbox = 1024;

failure not_sent(failure why) {
    why.started = false;
    return why;
}

}  // namespace

void outgoing_calls::submit(pending_call_ptr call) {
    if (owner_.on_strand()) {
        owner_.refresh_now();  // the caller may have been busy for long since this strand last looked
        enqueue(std::move(call));
        owner_.schedule_flush();
        return;
    }
    bool first = false;
    {
        const std::lock_guard lock(owner_.handover_mutex());
        first = inbox_.empty();
        inbox_.push_back(std::move(call));
    }
    if (first) {
        asio::post(owner_.executor(), [this, keep = owner_.shared_from_this()] {
            take_inbox();
            owner_.flush();
        });
    }
}

void outgoing_calls::cancel(pending_call_ptr call) {
    asio::post(owner_.executor(), [this, keep = owner_.shared_from_this(), call = std::move(call)] {
        if (!call->ended) give_up(call, failure(errc::cancelled, "cancelled by the caller"));
    });
}

void outgoing_calls::take_inbox() {
    {
        const std::lock_guard lock(owner_.handover_mutex());
        if (inbox_.empty()) return;
        begun().arrived.swap(inbox_);
    }
    auto& arrived = begun_->arrived;
    owner_.refresh_now();
    for (auto& call : arrived) enqueue(std::move(call));
    arrived.clear();
    if (arrived.capacity() > kept_inbox) arrived.shrink_to_fit();
}

std::optional<failure> outgoing_calls::refusal(const pending_call& call) const {
    if (ended_) return not_sent(owner_.cause());
    if (owner_.was_told_to_go())
        return failure(errc::shutting_down, "the other side is shutting down and takes no new calls");
    if (!wire::is_valid_name(call.task))
        return failure(errc::unknown_task, "a task's name has 1 to 255 bytes of UTF-8");
    if (call.timeout.count() < 0)
        return failure(errc::deadline_exceeded, "the call's timeout was over before it began");
    if (call.trace_id.size() > 64) return failure(errc::bad_request, "a trace id has at most 64 bytes");
    if (call.idempotency_key.size() > 64) return failure(errc::bad_request, "an idempotency key has at most 64 bytes");
    const auto most = owner_.peer_max_message();
    if (call.body_size() > most)
        return failure(errc::message_too_large, "the arguments have " + std::to_string(call.body_size()) +
                                                    " bytes; the other side takes at most " + std::to_string(most));
    // Items could overtake arguments that go out in pieces.
    if (call.stream && call.body_size() > owner_.output().max_frame())
        return failure(errc::message_too_large, "the arguments of a call with streams fit into one frame, of " +
                                                    std::to_string(owner_.output().max_frame()) +
                                                    " bytes; send what is large as items");
    return std::nullopt;
}

outgoing_calls::begun_calls& outgoing_calls::begun() {
    if (!begun_) begun_ = std::make_unique<begun_calls>();
    return *begun_;
}

void outgoing_calls::enqueue(pending_call_ptr call) {
    if (auto why = refusal(*call)) {
        call->end_later(std::move(*why));
        return;
    }
    if (call->timeout.count() > 0) {
        const auto due = owner_.now() + std::min(call->timeout, longest_timeout);
        call->deadline = std::min(call->deadline.value_or(due), due);
    }
    if (call->deadline && *call->deadline <= owner_.now())
        return call->end_later(failure(errc::deadline_exceeded, "the deadline had passed before the call was sent"));
    if (call->deadline) owner_.wake_at(*call->deadline);
    if (begun().queue.empty() && has_slot()) {
        send(call);
    } else {
        begun_->queue.push_back(std::move(call));
    }
}

void outgoing_calls::send(const pending_call_ptr& call) {
    call->id = next_id();
    wire::meta meta{.name = call->task,
                    .trace_id = call->trace_id,
                    .idempotency_key = call->idempotency_key,
                    .content_type = call->body.type};
    if (call->stream) meta.streams = call->stream->streams();
    if (call->deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*call->deadline - owner_.now());
        meta.deadline_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left.count(), 1, UINT32_MAX));
    }
    if (call->shared_body) {
        owner_.output().push(wire::frame_kind::request, call->id, meta, call->shared_body);
    } else {
        owner_.output().push(wire::frame_kind::request, call->id, meta, std::move(call->body.bytes));
        detail::keep_spare(std::move(call->body.bytes));
    }
    begun_->in_flight.insert(call->id, call, call->deadline);
    if (call->stream) call->stream->open(call->id, owner_.peer_stream_credit(), owner_.output().max_frame());
}

void outgoing_calls::send_queued() {
    while (begun_ && !begun_->queue.empty() && has_slot()) {
        auto call = std::move(begun_->queue.front());
        begun_->queue.pop_front();
        if (!call->ended) send(call);
    }
}

void outgoing_calls::handle_reply(const wire::frame& f, std::optional<std::string> body) {
    if (!begun_) return;
    auto call = begun_->in_flight.take(f.id);
    if (!call) {
        begun_->abandoned.erase(f.id);
        send_queued();
        return;
    }
    wire::meta meta;
    if (!f.meta.empty() && !wire::parse_meta(f.meta, meta)) {
        (*call)->end(failure(errc::bad_reply, "the reply's meta can't be read"));
    } else {
        send_queued();
        (*call)->end(raw_reply{body ? std::move(*body) : std::string(f.body), meta.content_type});
    }
}

void outgoing_calls::handle_error(const wire::frame& f) {
    end(f.id, wire::read_failure(f));
}

void outgoing_calls::end(std::uint32_t id, failure why) {
    if (!begun_) return;
    auto call = begun_->in_flight.take(id);
    if (!call) begun_->abandoned.erase(id);
    send_queued();
    if (call) (*call)->end(std::move(why));
}

void outgoing_calls::expire(time_point now) {
    if (!begun_) return;
    while (auto id = begun_->in_flight.next_expired(now)) {
        give_up(*begun_->in_flight.find(*id), failure(errc::deadline_exceeded, "no reply within the call's timeout"));
    }
    // Queued calls are few and not sorted by deadline; whoever is due is looked for.
    const auto& queue = begun_->queue;
    for (std::size_t i = 0; i < queue.size();) {
        if (queue[i]->deadline && *queue[i]->deadline <= now) {
            give_up(queue[i], failure(errc::deadline_exceeded, "not sent in time: the other side was busy"));
        } else {
            ++i;
        }
    }
}

std::optional<time_point> outgoing_calls::next_deadline() {
    if (!begun_) return std::nullopt;
    auto next = begun_->in_flight.next_deadline();
    for (const auto& call : begun_->queue) {
        if (call->deadline && (!next || *call->deadline < *next)) next = call->deadline;
    }
    return next;
}

void outgoing_calls::give_up(const pending_call_ptr& given_up, failure why) {
    const pending_call_ptr call = given_up;  // outlives the entry that it is taken from; has not ended, so it was begun
    why.retryable = false;
    if (call->id != 0 && begun_->in_flight.take(call->id)) {
        if (owner_.output().withdraw(call->id)) {
            send_queued();
        } else {
            why.started = true;
            begun_->abandoned.insert(call->id);
            owner_.output().cancel(call->id);
        }
        owner_.schedule_flush();
    } else {
        auto& queue = begun_->queue;
        queue.erase(std::remove(queue.begin(), queue.end(), call), queue.end());
    }
    call->end(std::move(why));
}

void outgoing_calls::give_up(std::uint32_t id, failure why) {
    if (!begun_) return;
    if (auto* call = begun_->in_flight.find(id)) give_up(*call, std::move(why));
}

void outgoing_calls::set_max_calls(std::uint32_t calls) {
    max_calls_ = calls;
    send_queued();
}

void outgoing_calls::end_all() {
    ended_ = true;
    while (begun_) {
        auto call = begun_->in_flight.take_any();
        if (!call) break;
        failure lost = owner_.cause();
        lost.started = true;
        call->second->end(std::move(lost));
    }
    end_queued(owner_.cause());
    take_inbox();
}

void outgoing_calls::end_queued(const failure& why) {
    while (begun_ && !begun_->queue.empty()) {
        auto call = std::move(begun_->queue.front());
        begun_->queue.pop_front();
        call->end(not_sent(why));
    }
}

std::uint32_t outgoing_calls::next_id() {
    do {
        begun_->last_id = begun_->last_id == 0 ? owner_.first_call_id() : begun_->last_id + 2;
        if (begun_->last_id == 0) begun_->last_id = owner_.first_call_id();
    } while (begun_->in_flight.find(begun_->last_id) != nullptr || begun_->abandoned.contains(begun_->last_id));
    return begun_->last_id;
}

}  // namespace echosocket::net
