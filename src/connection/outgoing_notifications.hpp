// The notifications that this end sends over one connection.
#pragma once

#include "connection/notification.hpp"
#include "connection/notification_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::net {

class connection;

/// Hands notifications to the outbox while there is little in it, and queues them by their topics' rules while the peer
/// does not read.
///
/// Thread safety: `submit` from any thread, everything else on the connection's strand.
class outgoing_notifications {
public:
    explicit outgoing_notifications(connection& owner) noexcept : owner_(owner) {}

    /// Takes a notification in; those that one thread submits go out in this order.
    void submit(notification_ptr what);
    /// The same, but nothing happens inside this call. True where `flush_pending` has to follow.
    [[nodiscard]] bool keep(notification_ptr what) { return put_into_inbox(std::move(what)); }
    /// Sends what was kept: inside this call where the strand is free and its context runs on this thread.
    void flush_pending();

    /// Moves what waits to the outbox, as far as there is room.
    void fill_outbox();
    /// Moves all that waits there, room or not: the connection is about to end.
    void write_all();
    /// The connection is over: nothing waits any more.
    void clear() noexcept { backlog_.reset(); }

private:
    [[nodiscard]] bool put_into_inbox(notification_ptr what);
    void put_into_overflow_inbox(notification_ptr what);
    void post_inbox();
    void take_inbox();
    void deliver(notification_ptr what);
    void write(const notification& what);
    void queue(notification_ptr what);
    void account_for(const notification_queue::outcome& came_to, std::string_view topic);
    [[nodiscard]] bool outbox_has_room() const noexcept;

    /// What came behind an inbox that is full already: it gives way by the same rules as in the queue.
    struct overflow_inbox {
        notification_queue waiting;
        notification_queue::outcome came_to;
        std::string topic;  ///< Of which something gave way last.
    };

    /// What waits for room in the outbox, while something does.
    struct backlog {
        notification_queue queue;
        std::uint64_t dropped = 0;
    };

    connection& owner_;
    // Guarded by the session's handover mutex.
    std::vector<notification_ptr> inbox_;
    std::size_t inbox_bytes_ = 0;
    std::unique_ptr<overflow_inbox> overflow_inbox_;
    // On the strand.
    std::unique_ptr<backlog> backlog_;
    std::uint32_t last_split_id_ = 0;
};

}  // namespace echosocket::net
