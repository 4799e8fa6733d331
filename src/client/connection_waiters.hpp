// The calls that wait for a client's next connection.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_owner.hpp"
#include "connection/connection.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace echosocket {

/// Thread safety: none; use it on the owner's strand, where its alarm runs too.
class connection_waiters {
public:
    using connection_ptr = std::shared_ptr<net::connection>;
    using completion = net::async_completion<result<connection_ptr>>;

    struct waiter {
        completion waiting;
        connection_ptr not_this;          ///< A connection that was tried already; nullptr if there is none.
        std::optional<time_point> until;  ///< When the wait ends with `deadline_exceeded`.
    };
    using waiter_ptr = std::shared_ptr<waiter>;

    connection_waiters(clock& source, const net::strand_owner& owner) : clock_(source), owner_(owner) {}

    void add(waiter_ptr who);
    /// Ends one wait with `cancelled`.
    void give_up(const waiter_ptr& who);
    /// Ends all waits: `outcome` is the new connection, or why there will be none.
    template <class Outcome>
    void release(const Outcome& outcome) {
        if (alarm_) alarm_->cancel();
        for (const auto& who : std::exchange(waiting_, {})) who->waiting.complete(outcome);
    }
    /// The same once there will never be one.
    void context_goes(const failure& why);

private:
    void expire();

    clock& clock_;
    const net::strand_owner& owner_;
    std::unique_ptr<alarm> alarm_;
    std::vector<waiter_ptr> waiting_;
};

}  // namespace echosocket
