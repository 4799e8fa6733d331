// A turn for each of many connections.
#pragma once

#include "connection/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace echosocket::net {

/// The connections of one server that were told something and are owed a turn, first come, first served: one job for
/// all of them, where one for each would cost more than what they send. Whatever else they are told until their turn
/// goes out with it.
///
/// Every one of them runs on its own strand; none waits for another that is busy on a second thread. Whatever else runs
/// on the thread has its turn after each few dozen.
///
/// Thread safety: all of it.
class flush_scheduler : public std::enable_shared_from_this<flush_scheduler> {
public:
    using connection_ptr = std::shared_ptr<connection>;

    explicit flush_scheduler(const asio::any_io_executor& executor) : executor_(beneath_strand(executor)) {}

    /// Nothing happens inside this call.
    void schedule(std::vector<connection_ptr> whom);

private:
    void give_later();
    void give_some();
    [[nodiscard]] std::vector<connection_ptr> next_few();
    [[nodiscard]] bool is_settled();

    asio::any_io_executor executor_;
    std::mutex mutex_;
    std::deque<connection_ptr> owed_;
    bool giving_ = false;  ///< The job is on its way, or at work.
};

}  // namespace echosocket::net
