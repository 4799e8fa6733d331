// The calls that wait for a client's next connection.
#pragma once

#include "async/async_completion.hpp"
#include "connection/connection.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace echosocket {

/// Thread safety: none; use it on the strand `executor`, where its alarm runs too.
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

    connection_waiters(clock& source, asio::any_io_executor executor)
        : clock_(source), executor_(std::move(executor)) {}

    void add(waiter_ptr who);
    /// Ends one wait with `cancelled`.
    void give_up(const waiter_ptr& who);
    /// Ends all waits: `outcome` is the new connection, or why there will be none.
    void release(const result<connection_ptr>& outcome);

private:
    void expire();

    clock& clock_;
    asio::any_io_executor executor_;
    std::unique_ptr<alarm> alarm_;
    std::vector<waiter_ptr> waiting_;
};

}  // namespace echosocket
