// What one end serves to the other: tasks that it can call, topics that it can notify of.
#pragma once

#include <echosocket/detail/handler_registry.hpp>

namespace echosocket {

/// A set of handlers, for a client to serve to its server: `client_config::handlers`.
///
/// A handler is a function, lambda or coroutine with any number of typed arguments, optionally a leading
/// `task_context&`, that returns `T`, `result<T>`, an `awaitable` of either, or nothing. What it may take beyond that
/// is told at `server::on`.
///
/// Errors: every registration throws `usage_error`: `duplicate_task`, `invalid_name`. What a handler throws goes to the
/// log, and fails its call with `task_failed`.
/// Thread safety: all members may be called from any thread, also while connections use the set.
/// Lifetime: a cheap handle; copies are the same set, which lives as long as any of them or any connection.
class handlers : public detail::handler_registry {
public:
    handlers();

    /// `on(name, handler, description)` registers a task; the description, which may be left out, is for `$tasks`.
    using handler_registry::on;
    /// `fallback(handler)` sets the task for names that nobody registered; `task_context::task()` tells which was
    /// called.
    using handler_registry::fallback;
    /// `on_notify(topic, handler)` registers what is done on a notification of that topic. Notifications of one
    /// connection are handled one after the other, in the order in which they were sent.
    using handler_registry::on_notify;
    /// `on_any_notify(handler)`: the same for topics that have no handler of their own.
    using handler_registry::on_any_notify;

    using handler_registry::table;
};

}  // namespace echosocket
