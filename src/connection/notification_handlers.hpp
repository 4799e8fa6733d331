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

/// A handler that does not suspend runs in place. Behind one that does, what comes waits in a queue with a bound, for a
/// coroutine that lives until the queue is empty.
///
/// Thread safety: everything on the connection's strand.
class notification_handlers {
public:
    explicit notification_handlers(connection_context& context) noexcept : context_(context) {}

    /// Has it handled, or queued; the views in `what` are used before this returns.
    void take(detail::task& listener, const protocol::event& what);

    [[nodiscard]] bool busy() const noexcept { return running_; }
    /// Cancels the handler that runs, and forgets what waits.
    void cancel();
    /// The same, but not in a drain, and suspends until nothing runs. Once, at the connection's end.
    [[nodiscard]] asio::awaitable<void> end();

private:
    /// What a queued one counts besides its body: it is not free where it is empty.
    static constexpr std::size_t pending_notification_cost = 128;

    struct pending_notification {
        detail::task* listener;
        std::string topic;
        std::string trace_id;
        content_type type;
        std::string body;
    };

    void run_in_place(detail::task& listener, const protocol::event& what);
    void start_worker();
    [[nodiscard]] asio::awaitable<void> handle_queued();
    [[nodiscard]] asio::awaitable<void> handle(const pending_notification& what);

    connection_context& context_;
    std::deque<pending_notification> queue_;
    std::size_t queued_bytes_ = 0;
    asio::cancellation_signal signal_;
    bool running_ = false;
    bool dropping_ = false;  ///< Something was dropped since the queue was empty last.
    bool told_of_misfits_ = false;
    bool cancelled_ = false;
    bool ending_ = false;
    bool time_is_up_ = false;  ///< Of a drain, if there was one.
    strand_event ended_;
};

}  // namespace echosocket::net
