// What is handed to a connection from anywhere: calls, cancels, notifications. From other threads in batches.
#pragma once

#include "protocol/notification.hpp"
#include "protocol/notification_queue.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace echosocket::net {

class connection_context;
struct pending_call;

/// Thread safety: all of it. What one thread hands over is carried out in its order.
class mailbox {
public:
    using pending_call_ptr = std::shared_ptr<pending_call>;
    using notification_ptr = protocol::notification_ptr;

    explicit mailbox(connection_context& context) noexcept : context_(context) {}

    /// Makes a call.
    void submit(pending_call_ptr call);
    /// Ends a call with `cancelled`, and tells the other end.
    void cancel(pending_call_ptr call);

    /// Sends a notification.
    void notify(notification_ptr what);
    /// The same for one of many, which may be told with a mutex held: nothing happens inside this call. True if
    /// `flush_pending` has to follow.
    [[nodiscard]] bool queue_notification(notification_ptr what);
    /// Sends what was queued: inside this call if the strand is free and its context runs on this thread.
    void flush_pending() noexcept;

    /// On the strand: the same now.
    void take_notifications();

    /// On the strand, at the connection's end: what is handed over now fails at once.
    void take_calls();

private:
    /// What came behind an inbox that is full already: it gives way by the same rules as in the engine's queue.
    struct overflow_inbox {
        protocol::notification_queue waiting;
        protocol::notification_queue::outcome came_to;
        std::string topic;  ///< Of which something gave way last.
    };

    void announce_calls() noexcept;
    void refuse_calls() noexcept;
    template <class HandOver>
    void announce_notifications(const HandOver& hand_over) noexcept;
    void begin(const pending_call_ptr& call);
    void overflow(notification_ptr what);
    void send_arrived();
    void send(notification_ptr what);

    struct inboxes {
        std::vector<pending_call_ptr> calls;
        std::vector<notification_ptr> notifications;
        std::size_t notification_bytes = 0;
        bool is_announced = false;  ///< Is a job on its way that sends the notifications?
        std::unique_ptr<overflow_inbox> overflow;
    };
    /// With the mutex held. Most connections are never handed anything, so they are made for the first one.
    [[nodiscard]] inboxes& in();

    connection_context& context_;
    std::unique_ptr<inboxes> inboxes_;  // guarded by the connection's handover mutex
};

}  // namespace echosocket::net
