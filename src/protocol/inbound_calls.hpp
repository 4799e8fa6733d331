// The calls that the other end makes: which REQUESTs are taken, which of them run, and when they are cancelled.
#pragma once

#include "protocol/call_table.hpp"
#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/request_head.hpp"
#include "wire/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace echosocket::protocol {

/// A call that is answered before anything else happens is never entered in a table: only what suspends is `keep`t.
class inbound_calls {
public:
    /// A REQUEST has come whole; it began to arrive at `arrived`. True if `e` tells of it.
    [[nodiscard]] bool take(engine_state& state, const wire::frame& f, time_point arrived, event& e);
    /// A REQUEST's body is above a limit, or was not complete in time.
    [[nodiscard]] bool refuse_incomplete(engine_state& state, std::uint32_t id, const failure& why, event& e);
    /// May a REQUEST have that id? If not, the connection ends.
    [[nodiscard]] bool check_id(engine_state& state, std::uint32_t id) const {
        const std::uint32_t parity = state.settings.is_server() ? 1 : 0;
        if (id != 0 && id % 2 == parity && !is_running(id)) [[likely]]
            return true;
        fail_on_id(state, id);
        return false;
    }

    /// The call runs on after its first step, until `release`. `handler` comes back in `request_cancelled`.
    void keep(engine_state& state, std::uint32_t id, void* handler, std::optional<time_point> deadline);
    /// A kept call has been answered, and nothing of it runs any more. False if its slot stays taken for want of room.
    bool release(engine_state& state, std::uint32_t id);

    /// A CANCEL has come. True if `e` tells of it.
    [[nodiscard]] bool cancel(std::uint32_t id, errc reason, event& e) const;
    /// Charges the other end for a CANCEL that is more than its caller's timeout, which comes at about the time of the
    /// deadline here.
    void charge_for_cancel(engine_state& state, std::uint32_t id);
    /// Tells of the next call whose deadline has passed.
    [[nodiscard]] bool next_expired(engine_state& state, event& e);

    template <class Visit>
    void each(Visit visit) {
        if (kept_) kept_->running.for_each([&visit](std::uint32_t, const kept_call& call) { visit(call.handler); });
    }
    [[nodiscard]] bool is_running(std::uint32_t id) const { return kept_ && kept_->running.find(id) != nullptr; }
    [[nodiscard]] std::size_t running() const noexcept { return kept_ ? kept_->running.size() : 0; }
    /// Answers that waited for room in the output no longer count against the caller.
    void room_came(engine_state& state) noexcept;
    /// Tells of that.
    [[nodiscard]] bool next_freed(event& e) noexcept;
    /// The last REQUEST that was taken, 0 before the first one.
    [[nodiscard]] std::uint32_t last_request() const noexcept { return last_request_; }

private:
    struct kept_call {
        void* handler;
        std::optional<time_point> deadline;
    };
    struct kept_calls {
        call_table<kept_call> running;
        std::size_t unread_answers = 0;  ///< Given while the output was full: their slots are not free yet.
        bool freed = false;              ///< To be told of.
        std::size_t expired = 0;         ///< Cancelled by their deadline; their callers may still send a CANCEL.
    };

    // Out of line, so that the way of a good request stays short.
    static void fail_on_id(engine_state& state, std::uint32_t id);
    static void fail_on_meta(engine_state& state);
    void set_deadline(const engine_state& state, time_point arrived, event& e) const noexcept;
    [[nodiscard]] bool has_room(const engine_state& state) const noexcept {
        return !kept_ || kept_->running.size() + kept_->unread_answers < state.settings.limits.max_calls;
    }
    [[nodiscard]] bool may_start(const engine_state& state, const event& e) const noexcept {
        return !state.goaway.said && head_.has_name() && (!e.deadline || *e.deadline > state.now) && has_room(state);
    }
    [[nodiscard]] failure refusal_of(const engine_state& state, const event& e) const;
    [[nodiscard]] bool refuse(engine_state& state, const failure& why, event& e);

    request_head head_;
    std::uint32_t last_request_ = 0;
    std::unique_ptr<kept_calls> kept_;  // made for the first call that suspends
};

}  // namespace echosocket::protocol
