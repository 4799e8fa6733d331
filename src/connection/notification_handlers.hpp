// The notifications that come in over one connection, handled one after the other.
#pragma once

#include "async/strand_event.hpp"
#include "protocol/event.hpp"

#include <echosocket/codec.hpp>
#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace echosocket::net {

class connection_context;

/// A handler that does not suspend runs in place. Behind one that does, what comes waits in a queue, for a coroutine
/// that lives until the queue is empty. The engine bounds what waits: it is told of each one that was handled.
///
/// Thread safety: everything on the connection's strand.
class notification_handlers {
public:
    explicit notification_handlers(connection_context& context) noexcept : context_(context) {}

    /// Has it handled, or queued; the views in `what` are used before this returns.
    void take(detail::task& listener, const protocol::event& what);

    /// Cancels the handler that runs, and forgets what waits and what still comes.
    void cancel();
    /// The same, but not in a drain, and suspends until nothing runs. Once, at the connection's end.
    [[nodiscard]] asio::awaitable<void> end();

private:
    struct pending_notification {
        detail::task* listener;
        std::string topic;
        std::string trace_id;
        content_type type;
        std::string body;
        std::size_t cost;
    };

    void run_in_place(detail::task& listener, const protocol::event& what);
    void start_worker();
    void worker_ended();
    void owe_one_more();
    void settle(std::size_t left);
    [[nodiscard]] asio::awaitable<void> handle_queued();
    [[nodiscard]] asio::awaitable<void> handle(const pending_notification& what);
    void give_back();

    connection_context& context_;
    std::deque<pending_notification> queue_;
    std::size_t in_hand_ = 0;  ///< Cost of the one whose handler runs.
    std::size_t owed_ = 0;     ///< So many, from the one that runs on, hold a draining connection open.
    asio::cancellation_signal signal_;
    bool running_ = false;
    bool told_of_misfits_ = false;
    bool cancelled_ = false;
    bool ending_ = false;
    strand_event ended_;
};

}  // namespace echosocket::net
