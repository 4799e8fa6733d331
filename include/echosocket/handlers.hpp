// What one end serves to the other: tasks that it can call, topics that it can notify of.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket {

class task_table;

namespace detail {
class task;
template <class Handler>
std::unique_ptr<task> make_task(Handler handler);
}  // namespace detail

/// A set of handlers, for a client to serve to its server: `client_config::handlers`.
///
/// A handler is a function, lambda or coroutine with any number of typed arguments, optionally a leading
/// `task_context&`, that returns `T`, `result<T>`, an `awaitable` of either, or nothing.
///
/// Thread safety: all members may be called from any thread, also while connections use the set.
/// Lifetime: a cheap handle; copies are the same set, which lives as long as any of them or any connection.
class handlers {
public:
    handlers();

    /// Registers a task. See `server::on`.
    ///
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`.
    template <class Handler>
    void on(std::string_view name, Handler handler, std::string description = {}) {
        add_task(name, detail::make_task(std::move(handler)), std::move(description));
    }
    /// Sets the task for names that nobody registered; `task_context::task()` tells which was called.
    ///
    /// Errors: throws `usage_error(duplicate_task)` on the second call.
    template <class Handler>
    void fallback(Handler handler) {
        set_fallback(detail::make_task(std::move(handler)));
    }

    /// Registers what is done on a notification of that topic; what the handler returns goes nowhere. Notifications of
    /// one connection are handled one after the other, in the order in which they were sent: a handler that suspends
    /// holds up those behind it, and nothing else.
    ///
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`.
    template <class Handler>
    void on_notify(std::string_view topic, Handler handler) {
        add_listener(topic, detail::make_task(std::move(handler)));
    }
    /// The same for topics that have no handler of their own; `task_context::task()` tells which.
    ///
    /// Errors: throws `usage_error(duplicate_task)` on the second call.
    template <class Handler>
    void on_any_notify(Handler handler) {
        set_any_listener(detail::make_task(std::move(handler)));
    }

    [[nodiscard]] const std::shared_ptr<task_table>& table() const noexcept { return table_; }

private:
    void add_task(std::string_view name, std::unique_ptr<detail::task> task, std::string description);
    void set_fallback(std::unique_ptr<detail::task> task);
    void add_listener(std::string_view topic, std::unique_ptr<detail::task> task);
    void set_any_listener(std::unique_ptr<detail::task> task);

    std::shared_ptr<task_table> table_;
};

}  // namespace echosocket
