// The items that a call's stream sends.
#include "connection/call_stream.hpp"
#include "connection/connection.hpp"
#include "wire/failure_record.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

using wire::frame_kind;

wire::meta meta_of(const encoded_body& item) noexcept {
    return {.content_type = item.type};
}

std::size_t cost_of(const encoded_body& item) noexcept {
    return wire::header_size + wire::meta_size(meta_of(item)) + item.bytes.size();
}

// Bytes of frames from other threads that may wait for the strand.
constexpr std::size_t max_pending = 256 * 1024;

}  // namespace

std::optional<failure> call_stream::refusal_of(const encoded_body& item) const {
    if (over_ || end_asked_ || !we_send()) return closed_for_sending();
    if (id_ == 0 || cost_of(item) <= largest_item_) return std::nullopt;
    return failure(errc::message_too_large, "the item takes " + std::to_string(cost_of(item)) +
                                                " bytes; the other side takes items of at most " +
                                                std::to_string(largest_item_));
}

failure call_stream::closed_for_sending() const {
    if (over_ && call_failed_) return *call_failed_;
    return failure(errc::stream_closed, over_        ? "the call has ended: no more items are taken"
                                        : end_asked_ ? "the stream was ended already"
                                                     : "this end of the call sends no items");
}

void call_stream::write_item(encoded_body&& item) {
    credit_.spend(cost_of(item));
    const auto meta = meta_of(item);
    if (!write_at_once(frame_kind::item, meta, std::move(item.bytes))) write(frame_kind::item, meta, item.bytes);
}

void call_stream::write_end() {
    if (!end_failure_) return write(frame_kind::end, {}, {});
    write(frame_kind::end, wire::meta_of(*end_failure_), wire::text_of(*end_failure_, max_frame_));
}

/// Moves from `body` only where it returns true.
template <class Body>
bool call_stream::write_at_once(frame_kind kind, const wire::meta& meta, Body&& body) {
    if (!line_->on_strand() || !pending_.empty()) return false;
    if (!line_->takes_output()) return true;
    line_->output().push(kind, id_, meta, std::forward<Body>(body));
    line_->items_queued();
    line_->schedule_flush();
    return true;
}

void call_stream::write(frame_kind kind, const wire::meta& meta, std::string_view body) {
    if (write_at_once(kind, meta, body)) return;
    const bool first = pending_.empty();
    const auto meta_size = wire::meta_size(meta);
    const auto at = pending_.size();
    pending_.resize(at + wire::header_size + meta_size);
    wire::write_header(pending_.data() + at, kind, 0, id_, meta_size, body.size());
    wire::write_meta(pending_.data() + at + wire::header_size, meta);
    pending_ += body;
    if (!first) return;
    asio::post(line_->executor(), [self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            self->move_pending();
        }
        self->line_->flush();
    });
}

void call_stream::move_pending() {
    if (line_->takes_output()) line_->output().push_encoded(pending_);
    line_->items_queued();
    pending_.clear();
}

bool call_stream::may_send_at_once(const encoded_body& item) const noexcept {
    return waiting_sends_.empty() && credit_.covers(cost_of(item)) && id_ != 0 && may_write();
}

bool call_stream::may_write() const noexcept {
    return line_->takes_items() && pending_.size() < max_pending;
}

void call_stream::await_room() {
    if (std::exchange(awaits_room_, true)) return;
    if (line_->on_strand()) return line_->await_room(shared_from_this());
    asio::post(line_->executor(), [self = shared_from_this()] { self->line_->await_room(self); });
}

void call_stream::room_came() {
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        awaits_room_ = false;
        if (!over_) send_waiting(sent);
    }
    resume(sent);
}

void call_stream::send_waiting(resumed_sends& sent) {
    while (id_ != 0 && !waiting_sends_.empty()) {
        auto& next = waiting_sends_.front();
        const auto cost = cost_of(next.item);
        if (cost > largest_item_) {
            sent.emplace_back(std::move(next.waiting),
                              failure(errc::message_too_large, "the item is larger than the other side takes: " +
                                                                   std::to_string(largest_item_) + " bytes"));
        } else if (!credit_.covers(cost)) {
            return;
        } else if (!may_write()) {
            return await_room();
        } else {
            write_item(std::move(next.item));
            sent.emplace_back(std::move(next.waiting), result<void>());
        }
        waiting_sends_.pop_front();
    }
    if (id_ != 0 && end_asked_ && !sent.empty()) write_end();
}

void call_stream::fail_waiting(resumed_sends& failed) {
    for (auto& waiting : waiting_sends_) failed.emplace_back(std::move(waiting.waiting), closed_for_sending());
    waiting_sends_.clear();
}

void call_stream::resume(resumed_sends& all) {
    for (auto& [sender, outcome] : all) sender.complete(std::move(outcome));
}

void call_stream::open(std::uint32_t id, std::uint32_t send_window, std::size_t max_frame) {
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        id_ = id;
        credit_.open(send_window);
        max_frame_ = max_frame;
        largest_item_ = std::min(credit_.largest_item(), max_frame);
        const bool nobody_waits = waiting_sends_.empty();
        send_waiting(sent);
        if (nobody_waits && end_asked_) write_end();
    }
    resume(sent);
}

std::string_view call_stream::take_credit(const wire::frame& f) {
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta) || !meta.credit) return "a CREDIT without its record";
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        if (!we_send()) return "a CREDIT for a call whose caller asked for no items from here";
        if (!credit_.grant(*meta.credit)) return "a CREDIT that exceeds the largest there is";
        if (!over_) send_waiting(sent);
    }
    resume(sent);
    return {};
}

}  // namespace echosocket::net
