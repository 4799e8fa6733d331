// What all chapters of the engine work on: the output, the timers, and how the connection ends.
#pragma once

#include "protocol/abuse.hpp"
#include "protocol/goaway.hpp"
#include "protocol/liveness.hpp"
#include "protocol/memory_share.hpp"
#include "protocol/outbox.hpp"
#include "protocol/phase.hpp"
#include "protocol/settings.hpp"
#include "protocol/timers.hpp"
#include "wire/frame.hpp"
#include "wire/hello.hpp"

#include <echosocket/result.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace echosocket::protocol {

struct traffic_counts {
    std::uint64_t calls = 0;   ///< REQUESTs that came, the refused ones too.
    std::uint64_t failed = 0;  ///< Of these, answered with an ERROR.
    std::uint64_t notifications_in = 0;
    std::uint64_t notifications_out = 0;
    std::uint64_t dropped = 0;  ///< Notifications of this end that gave way.
};

/// What the other end's HELLO says that it takes; until then, what the protocol allows before.
struct peer_limits {
    std::uint64_t max_message = 0;    ///< Bytes of one body.
    std::uint32_t max_calls = 0;      ///< Calls of this end that run there.
    std::uint32_t stream_credit = 0;  ///< Bytes of items on each new stream.
};

struct engine_state {
    engine_state(const engine_settings& given, time_point when, std::chrono::milliseconds ping_interval) noexcept;

    const engine_settings& settings;
    time_point now;
    outbox output;
    timer_table timers;
    protocol::liveness liveness;
    traffic_counts counts;
    memory_account* memory = nullptr;  ///< Null if nothing is counted.
    peer_limits peer;
    wire::frame_limits frame_limits{wire::max_hello, wire::max_hello};  ///< What the next frame is held against.
    protocol::phase phase = protocol::phase::greeting;
    bool attention = false;        ///< Something is to be told that no frame tells: a deadline, room, the end.
    bool said_last_words = false;  ///< An ERROR with id 0 has been queued: nothing is read behind it.
    bool closed_is_told = false;
    std::unique_ptr<failure>
        cause;  ///< Why the connection is over; null until it is, or if there was no memory for it.
    goaway_state goaway;
    abuse_budget budget;

    [[nodiscard]] bool is_over() const noexcept { return protocol::is_over(phase); }
    [[nodiscard]] bool is_introduced() const noexcept { return phase != protocol::phase::greeting; }
    /// Nobody reads what is queued on a closed connection, so nothing waits for room there.
    [[nodiscard]] bool output_is_full() const noexcept {
        return phase != protocol::phase::closed && output.backlog() > settings.limits.output_hard;
    }

    void enter(protocol::phase next) noexcept {
        if (may_follow(phase, next)) phase = next;
    }

    /// Tells the other end the reason, then closes.
    void fail(failure why);
    /// Sends what is queued, then closes.
    void close(failure why);
    /// Tells the other end the reason for the end that has begun.
    void say_last_words();
    /// Closes at once: nothing is sent any more. Also if the engine was interrupted by an exception.
    void abort(failure why) noexcept;
    /// Why the connection is over; only if it is.
    [[nodiscard]] const failure& cause_of_end() const noexcept;

    /// Answers one call with an ERROR.
    void send_error(std::uint32_t id, const failure& why);
    /// Ends the connection if the other end provokes too much.
    void charge_abuse();
};

}  // namespace echosocket::protocol
