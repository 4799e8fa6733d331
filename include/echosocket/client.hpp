// The connecting end of a connection.
#pragma once

#include <echosocket/call_options.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/config.hpp>
#include <echosocket/detail/call_interface.hpp>
#include <echosocket/detail/safe_in_co_await.hpp>
#include <echosocket/handlers.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>
#include <echosocket/shutdown_report.hpp>
#include <echosocket/task.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket {

class reconnecting_connection;
class server;

/// Makes a transport to one server, anew for each attempt to connect.
///
/// Errors: what it throws goes to the log and counts as `connect_failed`; the next one is tried.
/// Cancellation: terminal, when the client is closed or `connect` is cancelled.
using dialer = std::function<asio::awaitable<result<std::unique_ptr<transport>>>()>;

/// A connection to a server, over which any number of calls may be in flight. If the config says so, it reconnects
/// after it was lost.
///
/// With `client_config::reconnect`, calls, streams and notifications in flight still end with the connection's failure;
/// only calls with an idempotency key are sent again, within their timeout. Calls made while there is no connection
/// wait for it, within their timeout; notifications and streams fail at once with `connection_lost`. The client
/// subscribes again to its topics. If the server says that it is shutting down, the client connects to the next
/// address at once, while running calls may finish. A client that does not reconnect stays connected until the server
/// closes, which may still call it; its own new calls fail with `shutting_down`.
///
/// Thread safety: a client may be copied and its members called from any thread and any executor; a call resumes on the
/// executor of the coroutine that awaits it.
/// Lifetime: a cheap, copyable handle. The connection closes when the last copy goes; to know that nothing of it is
/// left running (before the `io_context` goes), await `close()` or let the `io_context` run out of work. A client may
/// be kept for longer than its `io_context`: calls then fail with `connection_lost`. It must not be used while the
/// `io_context` is being destroyed.
class client final : public detail::call_interface {
public:
    client() = default;

    /// Connects to `host:port`, `[v6]:port` or `unix:/path` and exchanges HELLOs, on the awaiting coroutine's executor.
    ///
    /// Errors: `invalid_address`, `resolve_failed`, `connect_failed`, `connect_timeout`, `hello_timeout`, `refused`,
    /// `not_echosocket`, `unsupported_version`, `shutting_down`, `protocol_error`, `connection_lost`. Throws
    /// `usage_error(invalid_config)`.
    /// Cancellation: terminal, partial, total; ends with `cancelled`.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::string address);
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::string address, const client_config& config);

    /// The same to the first of several addresses that answers; with `reconnect`, later to any of them.
    ///
    /// Errors: those of the last one tried.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::vector<std::string> addresses,
                                                                 const client_config& config);

    /// The same over a transport that the caller made; such a client can't reconnect.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::unique_ptr<transport> io);
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::unique_ptr<transport> io,
                                                                 const client_config& config);
    /// The same over transports that the caller makes for each attempt.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::vector<dialer> dialers,
                                                                 const client_config& config);

    /// The same to a server in this process, without a socket. With `reconnect` the server outlives the client.
    [[nodiscard]] static asio::awaitable<result<client>> connect(server& target);
    [[nodiscard]] static asio::awaitable<result<client>> connect(server& target, const client_config& config);

    /// Any of these with a config that is made in place, which GCC 12 can't: there it needs a name of its own.
    template <class To>
    [[nodiscard]] static asio::awaitable<result<client>> connect(To&& to, client_config&& config) {
        detail::check_safe_in_co_await<To, client_config>();
        return connect(std::forward<To>(to), std::as_const(config));
    }

    // Calls, streams and notifications; detail/call_interface.hpp says more of each.

    /// `call<T>(task, args...)` calls a task of the server and awaits its reply; `call<T>(options, task, args...)` with
    /// a timeout of its own, for example. Arguments are encoded before this returns, so they need not outlive it.
    ///
    /// Errors: what the task answered, `deadline_exceeded`, `cancelled`, `message_too_large`, `bad_reply`,
    /// `shutting_down`, `overloaded` if there was no room or no memory for the call, here or at the server, or why the
    /// connection ended.
    /// None of the first seven closes the connection. Throws `std::bad_alloc` if there is no memory for the arguments.
    /// Cancellation: terminal, partial, total; the handler at the server is cancelled too.
    using call_interface::call;
    /// The same with a body that is already encoded, and hands out the reply's bytes as they came.
    using call_interface::call_raw;
    /// `open<T, Out, In>(task, args...)`, also with options, calls a task with streams: `T` is its result, `Out` what
    /// this end sends, `In` what it takes, `void` for none:
    /// `auto upload = client.open<std::size_t, std::string, void>("store", name);`. Without options there is no
    /// timeout.
    ///
    /// Errors: all of them come from the parts of what is returned.
    using call_interface::open;
    /// `notify(topic, args...)`, also with options, tells the server something, and waits for nothing.
    ///
    /// Errors: `connection_lost` if there is no connection, `message_too_large`, `invalid_name`.
    using call_interface::notify;
    /// The same with a body that is already encoded.
    using call_interface::notify_raw;

    /// Registers a task that the server may call here. A server may call as soon as it is connected, before this runs:
    /// tasks that it must find belong into `client_config::handlers`.
    ///
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`; `invalid_config` if the client was never
    /// connected.
    template <class Handler>
    void on(std::string_view name, Handler handler, std::string description = {}) const {
        own_handlers().on(name, std::move(handler), std::move(description));
    }
    /// Registers what is done on a notification of that topic. See `handlers::on_notify`.
    template <class Handler>
    void on_notify(std::string_view topic, Handler handler) const {
        own_handlers().on_notify(topic, std::move(handler));
    }
    template <class Handler>
    void on_any_notify(Handler handler) const {
        own_handlers().on_any_notify(std::move(handler));
    }

    /// Asks the server for the notifications that it publishes of a topic, `*` for every topic; again after each
    /// reconnect. Register the handler before.
    ///
    /// Errors: `not_allowed`, `bad_request` for a topic that is none, `overloaded` if there are too many, and those of
    /// `call`.
    /// Cancellation: as of `call`.
    [[nodiscard]] asio::awaitable<result<void>> subscribe(std::string topic) const;
    [[nodiscard]] asio::awaitable<result<void>> unsubscribe(std::string topic) const;

    /// Leaves in order: the server's new calls are refused with `shutting_down`, handlers that run may finish, and so
    /// may calls and streams of this end; then closes. Returns when nothing is left running. Handlers see it as
    /// `task_context::stopping`, the server as `shutting_down` and not as `connection_lost`.
    ///
    /// When `timeout` (10 s without one) has passed, handlers that still run are cancelled, within 2 s more what this
    /// end still waits for ends with `connection_closed`, and the connection closes. Until then calls can be made as
    /// before, as handlers may need them, but the client does not reconnect any more. A second drain waits for the
    /// first.
    ///
    /// Do not await it in one of the client's own handlers: it would wait for that one.
    /// Cancellation: terminal, partial, total; returns at once, and the drain goes on by itself.
    /// Lifetime: when the last copy of the client goes, the rest is as for `close()`.
    [[nodiscard]] asio::awaitable<shutdown_report> drain();
    [[nodiscard]] asio::awaitable<shutdown_report> drain(std::chrono::milliseconds timeout);
    /// Ends every pending call with `connection_closed`, closes, and returns when nothing is left running.
    /// Notifications that wait are still sent, for `limits::write_timeout` at most.
    ///
    /// Cancellation: terminal, partial, total; returns at once, and the connection closes by itself.
    [[nodiscard]] asio::awaitable<void> close();

    /// Ends when the client is closed for good, with the reason: its connection has ended, and reconnecting is off or
    /// was given up.
    ///
    /// Cancellation: terminal, partial, total; ends with `cancelled`, and the connection goes on.
    [[nodiscard]] asio::awaitable<failure> closed() const;

    [[nodiscard]] bool connected() const noexcept;
    [[nodiscard]] client_state state() const noexcept;
    /// The server at the other end of the current connection; a handle to nobody if there is none.
    [[nodiscard]] echosocket::peer peer() const;
    /// The name in the server's HELLO, untrusted text, of the current connection or the last one.
    [[nodiscard]] std::string server_name() const;
    /// The server's address, of the current connection or the last one.
    [[nodiscard]] std::string address() const;

    class impl;

private:
    explicit client(std::shared_ptr<impl> state) : impl_(std::move(state)) {}
    [[nodiscard]] handlers& own_handlers() const;
    pending_reply do_call(std::string_view task, encoded_body&& body, const call_options& options) const override;
    stream_ptr do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                       const call_options& options) const override;
    result<void> do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const override;

    std::shared_ptr<impl> impl_;
};

}  // namespace echosocket
