// Notifications that wait for a peer that reads slowly. Plain data: no socket, no clock.
#pragma once

#include "protocol/notification.hpp"
#include "seeded_hash.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <string>

namespace echosocket::protocol {

/// Keeps the order of all, and for each lane (a topic with rules of its own, or all others together) its bounds.
class notification_queue {
public:
    struct outcome {
        std::size_t dropped = 0;  ///< Notifications that gave way, the new one among them.
        bool overflowed = false;  ///< The lane is full and its policy is `close`: nothing was queued.
    };
    outcome push(notification_ptr what);
    /// The oldest one; only where it is not empty.
    notification_ptr pop();

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// What that takes in memory: what waits for others too is not this one's.
    [[nodiscard]] std::size_t held_bytes() const noexcept { return held_; }

private:
    struct entry {
        notification_ptr what;
        std::size_t held;
    };
    using entries = std::list<entry>;
    struct lane {
        std::deque<entries::iterator> order;
        name_map<entries::iterator> by_key;  ///< Only where the latest of each key is kept.
        std::size_t bytes = 0;
    };

    [[nodiscard]] static bool has_room(const lane& in, const notification& what) noexcept;
    static std::string key_of(const notification& what);
    void append(lane& in, notification_ptr what, const std::string& key);
    outcome replace(lane& in, notification_ptr what);
    notification_ptr take(lane& from, std::size_t nth);

    entries entries_;
    name_map<lane> lanes_;
    std::size_t bytes_ = 0;
    std::size_t held_ = 0;
};

}  // namespace echosocket::protocol
