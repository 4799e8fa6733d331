// The notifications that this end sends over one connection.
#pragma once

#include "net/notification.hpp"
#include "net/notification_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
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
    /// The same, but nothing happens inside this call.
    void submit_later(notification_ptr what);

    /// Moves what waits to the outbox, as far as there is room.
    void fill_outbox();
    /// The connection is over: nothing waits any more.
    void clear() noexcept { backlog_.reset(); }

private:
    [[nodiscard]] bool put_into_inbox(notification_ptr what);
    void post_inbox();
    void take_inbox();
    void deliver(notification_ptr what);
    void write(const notification& what);
    void queue(notification_ptr what);
    [[nodiscard]] bool outbox_has_room() const noexcept;

    connection& owner_;
    std::vector<notification_ptr> inbox_;  ///< Guarded by the session's handover mutex.
    /// What waits for room, while something does.
    struct backlog {
        notification_queue queue;
        std::uint64_t dropped = 0;
    };
    std::unique_ptr<backlog> backlog_;
    std::uint32_t last_split_id_ = 0;
};

}  // namespace echosocket::net
