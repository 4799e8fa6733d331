// The items that a stream sends: at once, in turn with the strand, or once there is credit.
#include "connection/connection_context.hpp"
#include "connection/stream_handle.hpp"

#include <exception>
#include <utility>

namespace echosocket::net {

namespace {

using protocol::send_status;

// Bytes of items from other threads that may wait for the strand.
constexpr std::size_t max_queued = 256 * 1024;

}  // namespace

failure stream_handle::closed_for_sending() const {
    if (over_ && call_failed_) return *call_failed_;
    return failure(errc::stream_closed, over_        ? "the call has ended: no more items are taken"
                                        : end_asked_ ? "the stream was ended already"
                                                     : "this end of the call sends no items");
}

failure stream_handle::item_too_large(std::size_t cost) const {
    return failure(errc::message_too_large, "the item takes " + std::to_string(cost) +
                                                " bytes; the other side takes items of at most " +
                                                std::to_string(most_));
}

std::optional<result<void>> stream_handle::send_at_once(encoded_body& item) {
    if (over_ || end_asked_ || !sends()) return result<void>(closed_for_sending());
    if (context_->on_strand() && sends_.empty()) return send_on_strand(item);
    if (!opened_) return std::nullopt;
    const auto cost = protocol::item_cost(item);
    if (cost > most_) return result<void>(item_too_large(cost));
    const bool somebody_waits = !sends_.empty() && sends_.back().waiting;
    if (somebody_waits || cost > unclaimed_ || queued_bytes_ >= max_queued) return std::nullopt;
    sends_.push_back({0, std::move(item), std::nullopt, {}});
    unclaimed_ -= cost;
    queued_bytes_ += cost;
    send_soon();
    return result<void>();
}

std::optional<result<void>> stream_handle::send_on_strand(encoded_body& item) {
    try {
        switch (context_->engine().send_item(*this, item)) {
            case send_status::sent:
                note_credit();
                context_->flush_soon();
                return result<void>();
            case send_status::too_large:
                note_credit();
                return result<void>(item_too_large(protocol::item_cost(item)));
            case send_status::closed:
                return result<void>(closed_for_sending());
            case send_status::no_credit:
            case send_status::no_room:
                break;
        }
        return std::nullopt;
    } catch (...) {
        context_->broke(std::current_exception());
        return result<void>(out_of_memory());
    }
}

void stream_handle::send_soon() {
    if (send_posted_) return;
    context_->post([self = shared_from_this()] {
        self->may_send();
        self->context_->flush();
    });
    send_posted_ = true;
}

void stream_handle::may_send() {
    queued_sends sent;
    {
        const std::lock_guard lock(mutex_);
        send_posted_ = false;
        if (!over_) send_queued(sent);
    }
    resume(sent);
}

void stream_handle::send_queued(queued_sends& sent) {
    auto& engine = context_->engine();
    note_credit();
    while (!sends_.empty()) {
        auto& next = sends_.front();
        const auto cost = protocol::item_cost(next.item);
        const auto status = engine.send_item(*this, next.item);
        if (status == send_status::no_credit || status == send_status::no_room) break;
        if (!next.waiting) queued_bytes_ -= cost;
        sent.splice(sent.end(), sends_, sends_.begin());
        if (status == send_status::too_large) next.outcome = item_too_large(cost);
        if (status == send_status::closed) next.outcome = closed_for_sending();
    }
    if (sends_.empty() && end_asked_ && is_open() && !std::exchange(end_written_, true))
        engine.end_stream(*this, end_failure_);
    note_credit();
    context_->flush_soon();
}

// What is queued has a claim on all that there is.
void stream_handle::note_credit() noexcept {
    unclaimed_ = sends_.empty() ? credit() : 0;
    most_ = largest_item();
    opened_ = is_open();
}

void stream_handle::fail_queued(queued_sends& failed) {
    if (sends_.empty()) return;
    const auto begin = sends_.begin();
    failed.splice(failed.end(), sends_);
    for (auto each = begin; each != failed.end(); ++each) each->outcome = closed_for_sending();
}

}  // namespace echosocket::net
