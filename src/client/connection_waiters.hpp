// Those who wait for a client's next connection.
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

/// Thread safety: on one strand, `executor`, which `clock` wakes it on too.
class connection_waiters {
public:
    using connection_ptr = std::shared_ptr<net::connection>;
    using completion = net::async_completion<result<connection_ptr>>;

    struct waiter {
        completion waiting;
        connection_ptr not_this;  ///< A connection that was tried already.
        std::optional<time_point> until;
    };
    using waiter_ptr = std::shared_ptr<waiter>;

    connection_waiters(clock& source, asio::any_io_executor executor)
        : clock_(source), executor_(std::move(executor)) {}

    void add(waiter_ptr who);
    void give_up(const waiter_ptr& who);
    /// Hands `line`, or why there is none, to all.
    void release(const result<connection_ptr>& line);

private:
    void expire();

    clock& clock_;
    asio::any_io_executor executor_;
    std::unique_ptr<alarm> alarm_;
    std::vector<waiter_ptr> waiting_;
};

}  // namespace echosocket
