#include "connection/mailbox.hpp"

#include "connection/connection_context.hpp"
#include "connection/pending_call.hpp"

#include <exception>
#include <utility>

namespace echosocket::net {

namespace {

// Notifications that may come at once, before the strand has its turn; those beyond give way already here.
constexpr std::size_t notification_room = 1024;
constexpr std::size_t notification_room_bytes = 256 * 1024;

// Entries for which the inboxes keep memory while they are empty.
constexpr std::size_t kept_calls = 1024;
constexpr std::size_t kept_notifications = 4;

}  // namespace

mailbox::inboxes& mailbox::in() {
    if (!inboxes_) inboxes_ = std::make_unique<inboxes>();
    return *inboxes_;
}

void mailbox::submit(pending_call_ptr call) {
    if (context_.on_strand()) {
        context_.refresh_now();  // the caller may have been busy for long since this strand last looked
        begin(call);
        context_.flush_soon();
        return;
    }
    if (context_.context_has_gone())
        return call->end_later(failure(errc::connection_lost, "the io_context of this connection has ended"));
    bool first = false;
    {
        const std::lock_guard lock(context_.handover_mutex());
        auto& calls = in().calls;
        first = calls.empty();
        calls.push_back(std::move(call));
    }
    if (first) announce_calls();
}

void mailbox::announce_calls() noexcept {
    try {
        context_.post([this, keep = context_.shared_from_this()] {
            take_calls();
            context_.flush();
        });
    } catch (...) {  // nobody would take them, nor what is put behind them
        refuse_calls();
    }
}

void mailbox::refuse_calls() noexcept {
    std::vector<pending_call_ptr> refused;
    {
        const std::lock_guard lock(context_.handover_mutex());
        refused.swap(inboxes_->calls);
    }
    for (const auto& call : refused) {
        try {
            call->end_later(out_of_memory());
        } catch (...) {  // it is told when it is dropped
        }
    }
}

void mailbox::cancel(pending_call_ptr call) {
    context_.post([this, keep = context_.shared_from_this(), call = std::move(call)] {
        take_calls();  // it may not have been taken in yet: whoever handed it over was interrupted before its post
        context_.refresh_now();
        auto why = context_.engine().cancel_call(call);
        if (!why) return;
        call->end(std::move(*why));
        context_.flush();
    });
}

void mailbox::take_calls() {
    thread_local std::vector<pending_call_ptr> spare;
    auto arrived = std::exchange(spare, {});
    {
        const std::lock_guard lock(context_.handover_mutex());
        if (!inboxes_ || inboxes_->calls.empty()) {
            spare = std::move(arrived);
            return;
        }
        arrived.swap(inboxes_->calls);
    }
    context_.refresh_now();
    for (auto& call : arrived) begin(call);
    arrived.clear();
    if (arrived.capacity() <= kept_calls) spare = std::move(arrived);
}

void mailbox::begin(const pending_call_ptr& call) {
    try {
        if (auto why = context_.engine().begin_call(call)) return call->end_later(std::move(*why));
        if (call->id != 0) detail::keep_spare(std::move(call->body.bytes));
    } catch (...) {
        context_.broke(std::current_exception());
        call->end_later(out_of_memory());
    }
}

void mailbox::notify(notification_ptr what) {
    const bool first = queue_notification(std::move(what));
    if (context_.on_strand()) {
        take_notifications();
        context_.flush_soon();
    } else if (first) {
        announce_notifications([this](auto job) { context_.post(std::move(job)); });
    }
}

void mailbox::flush_pending() noexcept {
    announce_notifications([this](auto job) { context_.run_soon(std::move(job)); });
}

template <class HandOver>
void mailbox::announce_notifications(const HandOver& hand_over) noexcept {
    try {
        hand_over([this, keep = context_.shared_from_this()] {
            take_notifications();
            context_.flush();
        });
    } catch (...) {  // they go with the next one
        const std::lock_guard lock(context_.handover_mutex());
        inboxes_->is_announced = false;
    }
}

bool mailbox::queue_notification(notification_ptr what) {
    const std::lock_guard lock(context_.handover_mutex());
    auto& box = in();
    const bool full =
        box.notifications.size() >= notification_room || box.notification_bytes >= notification_room_bytes;
    if (box.overflow || full) {
        overflow(std::move(what));
    } else {
        const auto bytes = what->size();
        box.notifications.push_back(std::move(what));
        box.notification_bytes += bytes;
    }
    return !std::exchange(box.is_announced, true);
}

void mailbox::overflow(notification_ptr what) {
    auto& box = in().overflow;
    if (!box) box = std::make_unique<overflow_inbox>();
    const auto newest = what;
    const auto came_to = box->waiting.push(std::move(what));
    if (came_to.dropped == 0 && !came_to.overflowed) return;
    box->came_to.dropped += came_to.dropped;
    box->came_to.overflowed |= came_to.overflowed;
    box->topic = newest->topic;
}

void mailbox::take_notifications() {
    context_.guard([this] { send_arrived(); });
}

void mailbox::send_arrived() {
    // The thread's spare takes the inbox's place, so that one notification after the other costs no memory.
    thread_local std::vector<notification_ptr> spare;
    auto arrived = std::exchange(spare, {});
    std::unique_ptr<overflow_inbox> behind;
    {
        const std::lock_guard lock(context_.handover_mutex());
        if (!inboxes_) return;
        auto& box = *inboxes_;
        arrived.swap(box.notifications);
        box.notification_bytes = 0;
        box.is_announced = false;
        behind = std::move(box.overflow);
    }
    for (auto& what : arrived) send(std::move(what));
    if (behind) {
        while (!behind->waiting.empty()) send(behind->waiting.pop());
        context_.engine().count_overflow(behind->came_to, behind->topic);
    }
    arrived.clear();
    if (arrived.capacity() <= kept_notifications) spare = std::move(arrived);
}

void mailbox::send(notification_ptr what) {
    auto& engine = context_.engine();
    if (!engine.has_notification_room()) context_.write_now();
    engine.notify(std::move(what));
}

}  // namespace echosocket::net
