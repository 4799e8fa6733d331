// The notifications of a connection: their order, who gives way while the other end does not read or handle those that
// this end sends, and how many of those that come may wait to be handled.
#pragma once

#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/notification.hpp"
#include "protocol/notification_queue.hpp"
#include "protocol/notify_credit.hpp"
#include "wire/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::protocol {

/// Hands notifications to the output while there is little in it and credit is left, and queues them by their topics'
/// rules otherwise.
class notifications {
public:
    /// The other end is welcome, and its HELLO told this window; empty if it counts nothing.
    void open(std::optional<std::uint32_t> window) noexcept;

    // Those that this end sends.
    void send(engine_state& state, notification_ptr what);
    /// May the next one go out at once?
    [[nodiscard]] bool has_room(const engine_state& state) const noexcept { return !waits() && has_output_room(state); }
    /// What gave way before it got here.
    void count_dropped(engine_state& state, const notification_queue::outcome& came_to, std::string_view topic);
    /// A CREDIT about the connection has come.
    void take_credit(engine_state& state, const wire::frame& f);
    /// The output has been written as far as that.
    void room_came(engine_state& state) {
        if (rare_) fill(state);
        if (receive_credit_.is_due(window_of(state))) (void)give_credit(state);
    }
    /// Moves all that waits to the output, room or not, as far as the credit goes: the connection is about to end.
    void write_all(engine_state& state);
    /// Of whole frames that wait.
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return rare_ ? rare_->queue.bytes() : 0; }
    [[nodiscard]] std::size_t held_bytes() const noexcept { return rare_ ? rare_->queue.held_bytes() : 0; }
    /// Nothing waits any more, now or later: nobody would read it. It counts as dropped.
    void clear(engine_state& state) noexcept;
    /// The same because the time is up; the log is told.
    void give_up(engine_state& state);
    /// The other end leaves, and its PING asks what is still on its way: the PONG goes behind all that this end has
    /// accepted to send.
    void answer_leaving(engine_state& state, std::string_view ping);
    /// Does something wait that goes out yet? Before the other end's HELLO nothing does.
    [[nodiscard]] bool has_unsent() const noexcept { return waits() && (is_counted_ || send_credit_.is_left()); }

    // Those that come.
    /// One has come whole. True if `e` tells of it; `handled` has to follow.
    [[nodiscard]] bool take(engine_state& state, const wire::frame& f, event& e);
    /// One of that cost is done with. True if a CREDIT is to be written for it.
    bool handled(engine_state& state, std::size_t cost);
    /// Has all that came been handled?
    [[nodiscard]] bool is_idle() const noexcept { return receive_credit_.is_idle(); }

    /// Tells the log that some gave way, or that the other end has caught up.
    [[nodiscard]] bool next_warning(event& e);

private:
    /// What most connections never need.
    struct rare {
        notification_queue queue;         ///< Waits for room in the output, or for credit.
        std::uint64_t dropped = 0;        ///< Since something began to wait.
        std::string warning;              ///< To be told.
        std::optional<std::string> pong;  ///< For an end that leaves.
        std::size_t before_pong = 0;      ///< So many go out before it, at most.
    };

    [[nodiscard]] static std::uint32_t window_of(const engine_state& state) noexcept;
    [[nodiscard]] bool has_output_room(const engine_state& state) const noexcept;
    [[nodiscard]] bool waits() const noexcept { return rare_ && !rare_->queue.empty(); }
    [[nodiscard]] rare& rarely();
    void forget_rare() noexcept;
    [[nodiscard]] bool is_sending_split(const engine_state& state) const noexcept;
    [[nodiscard]] bool may_answer_leaving(const engine_state& state) const noexcept;
    void answer_if_sent(engine_state& state);
    void fill(engine_state& state);
    void write(engine_state& state, const notification& what);
    void drop_too_large(engine_state& state, const notification& what);
    void overflowed(engine_state& state, std::string_view topic);
    [[nodiscard]] bool give_credit(engine_state& state);
    void drop_here(engine_state& state, std::string_view topic);
    void warn(engine_state& state, std::string text);

    std::unique_ptr<rare> rare_;
    notify_send_credit send_credit_;
    std::uint16_t last_split_id_ = 0;
    bool is_given_up_ = false;  // nothing waits any more: what can't go out at once is dropped
    bool is_counted_ = false;   // both ends count what notifications cost
    bool is_dropping_ = false;  // something that came was dropped since all had been handled
    notify_receive_credit receive_credit_;
};

}  // namespace echosocket::protocol
