// The notifications that this end sends: their order, and who gives way while the other end does not read.
#pragma once

#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/notification.hpp"
#include "protocol/notification_queue.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace echosocket::protocol {

/// Hands notifications to the output while there is little in it, and queues them by their topics' rules while the
/// other end does not read.
class notifications {
public:
    void send(engine_state& state, notification_ptr what);
    /// May the next one go out at once?
    [[nodiscard]] bool has_room(const engine_state& state) const noexcept;
    /// What gave way before it got here.
    void count_dropped(engine_state& state, const notification_queue::outcome& came_to, std::string_view topic);

    /// Moves what waits to the output, as far as there is room.
    void fill(engine_state& state);
    /// Moves all that waits there, room or not: the connection is about to end.
    void write_all(engine_state& state);
    /// The connection is over: nothing waits any more.
    void clear() noexcept { backlog_.reset(); }
    /// Tells the log that some gave way, or that the other end has caught up.
    [[nodiscard]] bool next_warning(event& e);

private:
    /// What waits for room in the output, while something does.
    struct backlog {
        notification_queue queue;
        std::uint64_t dropped = 0;
    };

    void warn(engine_state& state, std::string text);
    void write(engine_state& state, const notification& what);
    void drop_too_large(engine_state& state, const notification& what);

    std::unique_ptr<backlog> backlog_;
    std::unique_ptr<std::string> warning_;
    std::uint32_t last_split_id_ = 0;
};

}  // namespace echosocket::protocol
