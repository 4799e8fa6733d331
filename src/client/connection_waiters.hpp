// The calls that wait for a client's next connection.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_owner.hpp"
#include "connection/connection.hpp"
#include "protocol/call_queue.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace echosocket {

/// Thread safety: none; use it on the owner's strand, where its alarm runs too.
class connection_waiters {
public:
    using connection_ptr = std::shared_ptr<net::connection>;
    using completion = net::async_completion<result<connection_ptr>>;

    struct waiter {
        completion waiting;
        connection_ptr not_this;             ///< A connection that was tried already; nullptr if there is none.
        std::optional<time_point> deadline;  ///< When the wait ends with `deadline_exceeded`.
        std::uint32_t place = 0;             ///< Among those that wait.
    };
    using waiter_ptr = std::shared_ptr<waiter>;

    /// At most `most` wait at once.
    connection_waiters(clock& source, net::strand_owner& owner, std::size_t most)
        : clock_(source), owner_(owner), most_(most) {}

    /// Ends the wait with `overloaded` if there are too many.
    void add(const waiter_ptr& who);
    /// Ends one wait with `cancelled`.
    void give_up(const waiter_ptr& who);
    /// Ends all waits: `outcome` is the new connection, or why there will be none.
    template <class Outcome>
    void release(const Outcome& outcome) {
        // Those that are told may come back at once, for the next connection. An alarm that is early does no harm.
        auto told = std::exchange(waiting_, {});
        while (!told.empty()) told.pop()->waiting.complete(outcome);
        if (waiting_.empty() && alarm_at_) {
            alarm_at_.reset();
            alarm_->cancel();
        }
    }
    /// The same once there will never be one.
    void context_goes(const failure& why);

private:
    void arm(time_point when);
    void expire();

    clock& clock_;
    net::strand_owner& owner_;
    const std::size_t most_;
    std::unique_ptr<alarm> alarm_;
    std::optional<time_point> alarm_at_;
    protocol::call_queue<waiter> waiting_;
};

}  // namespace echosocket
