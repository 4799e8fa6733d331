#include "connection/outgoing_notifications.hpp"

#include "connection/connection.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <utility>

namespace echosocket::net {

namespace {

// What lies in the outbox has its place in the line and is sent for sure; beyond this much the rest waits where it can
// still give way.
constexpr std::size_t outbox_room = 64 * 1024;

// Notifications that may come at once, before the strand has its turn; what is more gives way already here.
constexpr std::size_t inbox_room = 1024;
constexpr std::size_t inbox_room_bytes = 256 * 1024;

// Of which an inbox may keep the memory while it is empty.
constexpr std::size_t notifications_kept_room = 4;

}  // namespace

void outgoing_notifications::submit(notification_ptr what) {
    const bool first = put_into_inbox(std::move(what));
    if (owner_.on_strand()) {
        take_inbox();
        owner_.schedule_flush();
    } else if (first) {
        post_inbox();
    }
}

void outgoing_notifications::flush_pending() {
    run_soon(owner_.executor(), [this, keep = owner_.shared_from_this()] {
        take_inbox();
        owner_.flush();
    });
}

bool outgoing_notifications::put_into_inbox(notification_ptr what) {
    const std::lock_guard lock(owner_.handover_mutex());
    const bool full = inbox_.size() >= inbox_room || inbox_bytes_ >= inbox_room_bytes;
    if (overflow_inbox_ || full) {
        put_into_overflow_inbox(std::move(what));
        return false;
    }
    inbox_bytes_ += what->size();
    inbox_.push_back(std::move(what));
    return inbox_.size() == 1;
}

void outgoing_notifications::put_into_overflow_inbox(notification_ptr what) {
    if (!overflow_inbox_) overflow_inbox_ = std::make_unique<overflow_inbox>();
    const auto newest = what;
    const auto came_to = overflow_inbox_->waiting.push(std::move(what));
    if (came_to.dropped == 0 && !came_to.overflowed) return;
    overflow_inbox_->topic = newest->topic;
    overflow_inbox_->came_to.dropped += came_to.dropped;
    overflow_inbox_->came_to.overflowed |= came_to.overflowed;
}

void outgoing_notifications::post_inbox() {
    asio::post(owner_.executor(), [this, keep = owner_.shared_from_this()] {
        take_inbox();
        owner_.flush();
    });
}

void outgoing_notifications::take_inbox() {
    // The thread's spare takes the inbox's place, so that one notification after the other costs no memory.
    thread_local std::vector<notification_ptr> spare;
    auto arrived = std::exchange(spare, {});
    std::unique_ptr<overflow_inbox> behind;
    {
        const std::lock_guard lock(owner_.handover_mutex());
        arrived.swap(inbox_);
        inbox_bytes_ = 0;
        behind = std::move(overflow_inbox_);
    }
    for (auto& what : arrived) deliver(std::move(what));
    if (behind) {
        while (!behind->waiting.empty()) deliver(behind->waiting.pop());
        owner_.count_notifications_out(behind->came_to.dropped);
        account_for(behind->came_to, behind->topic);
        fill_outbox();  // forgets the backlog where all of it went out
    }
    arrived.clear();
    if (arrived.capacity() <= notifications_kept_room) spare = std::move(arrived);
}

bool outgoing_notifications::outbox_has_room() const noexcept {
    // Behind one that goes out in pieces the next has to wait, or it would arrive before it.
    const auto& output = owner_.output();
    return owner_.is_introduced() && output.size() < outbox_room && !output.is_splitting(wire::frame_kind::notify);
}

void outgoing_notifications::deliver(notification_ptr what) {
    if (!owner_.takes_output()) return;
    owner_.count_notifications_out(1);
    if (owner_.is_introduced() && what->body_size() > owner_.peer_max_message()) {
        owner_.count_dropped(1);
        owner_.log(log_level::warning, "a notification of topic " + wire::printable(what->topic) + " with " +
                                           std::to_string(what->body_size()) +
                                           " bytes is dropped: the other side takes at most " +
                                           std::to_string(owner_.peer_max_message()));
        return;
    }
    if (!backlog_ && !outbox_has_room()) owner_.write_now();
    if (!owner_.takes_output()) return;
    if (!backlog_ && outbox_has_room()) return write(*what);
    queue(std::move(what));
}

void outgoing_notifications::queue(notification_ptr what) {
    const auto topic = what->topic;
    if (!backlog_) backlog_ = std::make_unique<backlog>();
    const auto came_to = backlog_->queue.push(std::move(what));
    account_for(came_to, topic);
}

void outgoing_notifications::account_for(const notification_queue::outcome& came_to, std::string_view topic) {
    if (!owner_.takes_output()) return;
    if (came_to.overflowed) {
        owner_.abort(
            failure(errc::slow_consumer, "the other side does not read its notifications: the queue of topic " +
                                             wire::printable(topic) + " is full"));
    } else if (came_to.dropped != 0) {
        if (!backlog_) backlog_ = std::make_unique<backlog>();
        if (backlog_->dropped == 0)
            owner_.log(log_level::warning, "the other side reads too slowly: notifications of topic " +
                                               wire::printable(topic) + " give way");
        backlog_->dropped += came_to.dropped;
        owner_.count_dropped(came_to.dropped);
    }
}

void outgoing_notifications::fill_outbox() {
    if (!backlog_) return;
    auto& queue = backlog_->queue;
    while (!queue.empty() && outbox_has_room()) write(*queue.pop());
    if (!queue.empty()) return;
    if (backlog_->dropped != 0)
        owner_.log(log_level::warning,
                   "the other side has caught up; " + std::to_string(backlog_->dropped) + " notifications gave way");
    backlog_.reset();
}

void outgoing_notifications::write_all() {
    while (backlog_ && !backlog_->queue.empty()) write(*backlog_->queue.pop());
}

void outgoing_notifications::write(const notification& what) {
    auto& output = owner_.output();
    if (what.body_size() <= output.max_frame()) {
        output.push_encoded(what.frame);
        return;
    }
    last_split_id_ += 1 + (last_split_id_ == UINT32_MAX ? 1U : 0U);
    output.push_split(wire::frame_kind::notify, last_split_id_, what.meta(), what.frame, what.body_at);
}

}  // namespace echosocket::net
