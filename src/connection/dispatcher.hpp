// From what the engine tells of to whoever it concerns: handlers, callers, streams, listeners.
#pragma once

#include "connection/connection_context.hpp"
#include "connection/notification_handlers.hpp"
#include "connection/request.hpp"
#include "connection/workers.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace echosocket::net {

/// Thread safety: everything on the connection's strand.
class dispatcher {
public:
    explicit dispatcher(connection_context& context) noexcept : context_(context) {}

    /// Handles everything that the engine has to tell.
    void dispatch();
    /// The same up to the next request for a coroutine handler, which is in `next` then; false if there is none.
    [[nodiscard]] bool next_request(request& next) noexcept;

    /// Cancels running handlers, at the end of a drain.
    void cancel_running();
    /// Cancels those of notifications, however the connection ended.
    void stop_listening();
    /// Suspends until no handler runs any more. Once, at the connection's end.
    [[nodiscard]] asio::awaitable<void> end();
    /// Instead of that, if nothing will ever run again: whoever waits learns it, and all handlers are destroyed.
    void context_goes();

private:
    /// True if the request is for a coroutine handler.
    [[nodiscard]] bool begin(request& r);
    void handle(request& e);
    [[nodiscard]] bool may_start(const request& r) const;
    [[nodiscard]] failure refusal_of(const request& r) const;
    void serve_in_place(const request& r);
    void keep_alive(request& r);
    void opened(const request& e);
    void closed();
    void notification(const request& e);

    connection_context& context_;
    detail::task* last_task_ = nullptr;                 // of the request before, if that named one
    std::unique_ptr<workers> workers_;                  // made for the first coroutine handler
    std::unique_ptr<notification_handlers> listeners_;  // made for the first notification
};

}  // namespace echosocket::net
