// Registering tasks and listeners, as `server` and `handlers` offer it.
#pragma once

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

/// A handler is a function, lambda or coroutine with any number of typed arguments, optionally a leading
/// `task_context&`, that returns `T`, `result<T>`, an `awaitable` of either, or nothing.
///
/// `std::string_view` and `std::span<const std::byte>` arguments are views of the payload without a copy, valid until
/// the handler has ended. A coroutine may take a `source<T>&` of items from its caller, a `sink<T>&` for items to its
/// caller, or both, before its arguments.
///
/// Errors: every member throws `usage_error`: `duplicate_task`, `invalid_name` (empty, over 255 bytes, not UTF-8, or,
/// for a task, beginning with `$`), and for a server that runs `already_running`.
class handler_registry {
public:
    /// Registers a task.
    template <class Handler>
    void on(std::string_view name, Handler handler, std::string description = {}) {
        add_task(name, make_task(std::move(handler)), std::move(description));
    }
    /// Sets the task for names that nobody registered, once; `task_context::task()` tells which was called.
    template <class Handler>
    void fallback(Handler handler) {
        set_fallback(make_task(std::move(handler)));
    }

    /// Registers what is done on a notification of that topic; what the handler returns goes nowhere. Notifications of
    /// one connection are handled one after the other, in the order in which they were sent: a handler that suspends
    /// holds up those behind it, and nothing else.
    template <class Handler>
    void on_notify(std::string_view topic, Handler handler) {
        add_listener(topic, make_task(std::move(handler)));
    }
    /// The same for topics that have no handler of their own, once; `task_context::task()` tells which.
    template <class Handler>
    void on_any_notify(Handler handler) {
        set_any_listener(make_task(std::move(handler)));
    }

protected:
    explicit handler_registry(std::shared_ptr<task_table> table) noexcept : table_(std::move(table)) {}
    handler_registry(const handler_registry&) = default;
    handler_registry& operator=(const handler_registry&) = default;
    ~handler_registry() = default;

    [[nodiscard]] const std::shared_ptr<task_table>& table() const noexcept { return table_; }

private:
    void add_task(std::string_view name, std::unique_ptr<task> task, std::string description);
    void set_fallback(std::unique_ptr<task> task);
    void add_listener(std::string_view topic, std::unique_ptr<task> task);
    void set_any_listener(std::unique_ptr<task> task);

    std::shared_ptr<task_table> table_;
};

}  // namespace detail

}  // namespace echosocket
