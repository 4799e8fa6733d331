// Flushes many connections without starving the others.
#pragma once

#include "connection/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace echosocket::net {

/// Flushes the connections of one server that have pending notifications, first come, first served, in one job for all
/// of them: a job for each would cost more than what they send. Whatever is queued for a connection until its flush is
/// sent with it.
///
/// Each connection is flushed on its own strand; none waits for another that is busy on a second thread. After a batch
/// the job is posted again, so that other work on the thread has its turn.
///
/// Thread safety: all members may be called from any thread.
class flush_scheduler : public std::enable_shared_from_this<flush_scheduler> {
public:
    using connection_ptr = std::shared_ptr<connection>;

    explicit flush_scheduler(const asio::any_io_executor& executor) : executor_(beneath_strand(executor)) {}

    /// Returns at once; nothing is flushed inside this call.
    void schedule(std::vector<connection_ptr> connections);

private:
    void post_job() noexcept;
    void flush_batch();
    [[nodiscard]] std::vector<connection_ptr> take_batch();
    [[nodiscard]] bool is_done();

    asio::any_io_executor executor_;
    std::mutex mutex_;
    std::deque<connection_ptr> waiting_;
    bool has_job_ = false;  ///< The job is posted or running.
};

}  // namespace echosocket::net
