// A server of named tasks, embedded in an executor that the user already has.
#pragma once

#include <echosocket/config.hpp>
#include <echosocket/detail/handler_registry.hpp>
#include <echosocket/group.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>
#include <echosocket/shutdown_report.hpp>
#include <echosocket/task.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket {

/// Figures since `run()` began.
struct server_stats {
    std::chrono::milliseconds uptime{};
    std::size_t connections = 0;  ///< Without those that are closed and of which only calls run on.
    std::uint64_t accepted = 0;
    std::size_t running_calls = 0;
    std::uint64_t calls = 0;   ///< Requests taken, whatever became of them.
    std::uint64_t failed = 0;  ///< Of these, answered with an error.
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::size_t queued_bytes = 0;  ///< Output that waits for peers to read.
    std::size_t groups = 0;
    std::uint64_t notifications_in = 0;
    std::uint64_t notifications_out = 0;  ///< Counted once for each connection.
    std::uint64_t dropped = 0;            ///< Notifications, because a peer or a handler here was too slow.
    /// Thrown by handlers, callbacks, the log sink or a transport, or for want of memory.
    std::uint64_t exceptions = 0;
    /// Bytes held for clients, of `server_config::memory_budget`.
    std::size_t memory = 0;
    std::map<std::string, std::uint64_t>
        closed;  ///< Connections ended, by reason: an `errc`'s name, or `closed_by_peer`.
    std::map<std::string, std::uint64_t> refused;  ///< Connections and calls refused, by reason.
};

/// A server of named tasks.
///
/// Thread safety: register handlers, callbacks and rules, and call `listen`, from one thread and before `run()`; all
/// other members may be called from any thread.
/// Lifetime: `run()` must have ended before the server is destroyed; no handler or connection outlives `run()`. A
/// server that is destroyed all the same frees its addresses.
class server : public detail::handler_registry {
public:
    /// `executor` is where everything runs; with several threads on it, connections run side by side.
    ///
    /// Errors: throws `usage_error(invalid_config)` naming the field.
    explicit server(const asio::any_io_executor& executor, server_config config = server_config());
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    /// `on(name, handler, description)` registers a task: a function, lambda or coroutine with any number of typed
    /// arguments, optionally a leading `task_context&`, that returns `T`, `result<T>`, an `awaitable` of either, or
    /// nothing. The description, which may be left out, is for `$tasks`.
    ///
    /// `std::string_view` and `std::span<const std::byte>` arguments are views of the payload without a copy, valid
    /// until the handler has ended. A coroutine may take a `source<T>&` of items from its caller, a `sink<T>&` for
    /// items to its caller, or both, before its arguments.
    ///
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name` (empty, over 255 bytes, not UTF-8, or beginning
    /// with `$`), `already_running`. What a handler throws fails its call with `task_failed`; the text goes to the log,
    /// and to the caller only with `server_config::send_exception_text`.
    /// Cancellation: the handler's own coroutine receives Asio's per-operation cancellation.
    /// Thread safety: the handler is called on the strand of each connection; state that it shares is its own to guard.
    using handler_registry::on;
    /// `fallback(handler)` sets the task for names that nobody registered; `task_context::task()` tells which was
    /// called.
    ///
    /// Errors: throws `usage_error`: `duplicate_task` on the second call, `already_running`.
    using handler_registry::fallback;

    /// `on_notify(topic, handler)` registers what is done on a notification of that topic from a client. Notifications
    /// of one connection are handled one after the other, in the order in which they were sent.
    ///
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`, `already_running`. What a handler throws goes to
    /// the log, and the next notification is handled.
    using handler_registry::on_notify;
    /// `on_any_notify(handler)`: the same for topics that have no handler of their own; `task_context::task()` tells
    /// which.
    using handler_registry::on_any_notify;

    /// Called on each connection's strand once the client has introduced itself, before anything else happens on it.
    /// A failure refuses the client, which sees it as `refused` with this text. Several are called in turn.
    ///
    /// Errors: throws `usage_error(already_running)`. A callback that throws refuses the client too; the text goes to
    /// the log, and to the client only with `server_config::send_exception_text`.
    void on_connect(std::function<result<void>(const peer&)> callback);
    /// Called on each connection's strand when everything on it has ended, with the reason.
    ///
    /// Errors: throws `usage_error(already_running)`. What a callback throws goes to the log; the others are called.
    void on_disconnect(std::function<void(const peer&, const failure& why)> callback);

    /// Called on the server's own strand when `stop()` or `stop_now()` begins to act, before clients are told: what
    /// must end for the drain to end can be told so here, and last notifications sent. Several are called in turn; what
    /// one throws is logged. It must not block, and it does not hold the drain: handlers see `task_context::stopping`.
    ///
    /// Errors: throws `usage_error(already_running)`.
    void on_stop(std::function<void()> callback);

    /// Sets how notifications of one topic wait for a peer that reads or handles slowly, in place of the
    /// config's rules.
    ///
    /// Errors: throws `usage_error`: `invalid_name`, `invalid_config`, `already_running`.
    void topic(std::string_view name, const queue_rules& rules);

    /// Opens the configured listeners, or one at `host` if none is configured. Clients can connect from here on.
    /// `run()` does it if this was not called and `listen` or `port` is configured.
    ///
    /// Errors: `listen_failed` or `invalid_address`, naming the address; then nothing is left open.
    result<void> listen();

    /// Accepts and serves until `stop()`, then drains, and ends when nothing of the server is left running.
    ///
    /// Errors: those of `listen()`. Throws `usage_error(already_running)` on a second call. If a listener can accept no
    /// more, because a clock of the user's has thrown, say, the server stops as after `stop()`, and this throws the
    /// same. Nothing else that the user's code throws ends it.
    /// Cancellation: terminal; the same as `stop()`.
    [[nodiscard]] asio::awaitable<result<shutdown_report>> run();

    /// Asks for a graceful shutdown; returns at once. Any number of times. New calls are refused; those that run have
    /// `drain_timeout` to finish, and every client stays connected until no handler runs any more, because one of them
    /// may call it.
    void stop() noexcept;
    /// Stops without a drain: running calls are cancelled at once.
    void stop_now() noexcept;

    /// The port of the first TCP listener; 0 before `listen()` and if there is no such listener.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// All addresses listened at, with real ports, as `client::connect` takes them.
    [[nodiscard]] std::vector<std::string> addresses() const;
    [[nodiscard]] const std::string& name() const noexcept;

    /// Serves one more connection over a transport that the caller made, for example one end of a `memory_pipe`. Counts
    /// against `max_connections`. Closed at once if the server is not running any more.
    void attach(std::unique_ptr<transport> io);

    /// Registered tasks, built-in ones too, in the order of their names.
    [[nodiscard]] std::vector<task_info> tasks() const;
    /// Connections, also those that are closed and of which only calls run on.
    [[nodiscard]] asio::awaitable<std::size_t> session_count() const;
    [[nodiscard]] asio::awaitable<std::vector<session_info>> sessions() const;
    [[nodiscard]] asio::awaitable<server_stats> stats() const;

    /// Clients that have introduced themselves and are connected.
    [[nodiscard]] asio::awaitable<std::vector<peer>> peers() const;
    [[nodiscard]] asio::awaitable<std::optional<peer>> find(std::uint64_t id) const;
    /// Clients choose their names: there may be several of one name.
    [[nodiscard]] asio::awaitable<std::vector<peer>> find(std::string name) const;

    /// The group of that name; made if there is none.
    ///
    /// Errors: throws `usage_error(invalid_name)`: empty, over 255 bytes or not UTF-8.
    [[nodiscard]] echosocket::group group(std::string_view name);

    /// Notifies all who have subscribed to the topic (the group of its name), and all who listen to every topic.
    /// Returns how many there were. The payload is encoded once, and nobody waits for another.
    ///
    /// Errors: throws `usage_error(invalid_name)`.
    template <class... Args>
    std::size_t publish(std::string_view topic, const Args&... args) {
        return publish_raw(topic, encode_arguments(args...));
    }
    template <class... Args>
    std::size_t publish(const notify_options& options, std::string_view topic, const Args&... args) {
        return publish_raw(topic, encode_arguments(args...), options);
    }
    std::size_t publish_raw(std::string_view topic, encoded_body&& body,
                            const notify_options& options = notify_options());

    /// Notifies every client, whether it has subscribed to anything or not.
    ///
    /// Errors: throws `usage_error(invalid_name)`.
    template <class... Args>
    void broadcast(std::string_view topic, const Args&... args) {
        broadcast_raw(topic, encode_arguments(args...));
    }
    void broadcast_raw(std::string_view topic, encoded_body&& body, const notify_options& options = notify_options());

    class impl;

private:
    explicit server(std::shared_ptr<impl> state);

    std::shared_ptr<impl> impl_;
};

}  // namespace echosocket
