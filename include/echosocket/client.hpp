// The calling end of a connection.
#pragma once

#include <echosocket/codec.hpp>
#include <echosocket/config.hpp>
#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket {

class server;

/// What one call asks for beyond its arguments.
struct call_options {
    std::optional<std::chrono::milliseconds> timeout{};  ///< In place of `client_config::call_timeout`; 0 is none,
                                                         ///< less has passed already.
    std::string trace_id{};                              ///< Opaque, at most 64 bytes; handed to the handler.
};

/// Options with nothing but a timeout: `client.call<int>(es::with_timeout(50ms), "add", 1, 2)`.
///
/// A function rather than `{.timeout = 50ms}` in place, since GCC 12 destroys aggregates that are made inside a
/// `co_await` expression twice; an aggregate that has a name is safe.
[[nodiscard]] inline call_options with_timeout(std::chrono::milliseconds timeout) {
    call_options options;
    options.timeout = timeout;
    return options;
}

/// A connection to a server, over which any number of calls may be in flight.
///
/// Thread safety: a client may be copied and its members called from any thread and any executor; a call resumes on the
/// executor of the coroutine that awaits it.
/// Lifetime: a cheap, copyable handle. The connection closes when the last copy goes; to know that nothing of it is
/// left running (before the `io_context` goes), await `close()` or let the `io_context` run out of work.
class client {
public:
    client() = default;

    /// Connects to `host:port`, `[v6]:port` or `unix:/path` and exchanges HELLOs, on the awaiting coroutine's executor.
    ///
    /// Errors: `invalid_address`, `resolve_failed`, `connect_failed`, `connect_timeout`, `hello_timeout`, `refused`,
    /// `not_echosocket`, `unsupported_version`, `connection_lost`. Throws `usage_error(invalid_config)`.
    /// Cancellation: terminal, partial, total; ends with `cancelled`.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::string address);
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::string address, const client_config& config);

    /// The same over a transport that the caller made.
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::unique_ptr<transport> connection);
    [[nodiscard]] static asio::awaitable<result<client>> connect(std::unique_ptr<transport> connection,
                                                                 const client_config& config);

    /// The same to a server in this process, without a socket.
    [[nodiscard]] static asio::awaitable<result<client>> connect(server& target);
    [[nodiscard]] static asio::awaitable<result<client>> connect(server& target, const client_config& config);

    /// Calls a task and awaits its reply. Arguments are encoded before this returns, so they need not outlive it.
    ///
    /// Errors: what the task answered, `deadline_exceeded`, `cancelled`, `message_too_large`, `bad_reply`,
    /// `shutting_down`, or why the connection ended. None of the first six closes the connection.
    /// Cancellation: terminal, partial, total; the handler at the other end is cancelled too.
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(std::string_view task, const Args&... args) const {
        return call<T>(call_options{}, task, args...);
    }

    /// The same with options, for example a timeout of its own.
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(const call_options& options, std::string_view task,
                                                  const Args&... args) const {
        return decode<T>(call_raw(task, encode_arguments(args...), options));
    }

    /// Calls a task with a body that is already encoded, and hands out the reply's bytes as they came.
    [[nodiscard]] asio::awaitable<result<raw_reply>> call_raw(std::string_view task, encoded_body&& body) const;
    [[nodiscard]] asio::awaitable<result<raw_reply>> call_raw(std::string_view task, encoded_body&& body,
                                                              const call_options& options) const;

    /// Ends every pending call with `connection_closed`, closes, and returns when nothing is left running.
    ///
    /// Cancellation: terminal, partial, total; returns at once, and the connection closes by itself.
    [[nodiscard]] asio::awaitable<void> close();

    /// Ends when the connection has, with the reason.
    ///
    /// Cancellation: terminal, partial, total; ends with `cancelled`, and the connection goes on.
    [[nodiscard]] asio::awaitable<failure> closed() const;

    [[nodiscard]] bool connected() const noexcept;
    /// The name in the server's HELLO; untrusted text.
    [[nodiscard]] std::string server_name() const;
    [[nodiscard]] std::string address() const;

    class impl;

private:
    explicit client(std::shared_ptr<impl> state) : impl_(std::move(state)) {}

    template <class T>
    static asio::awaitable<result<T>> decode(asio::awaitable<result<raw_reply>> pending) {
        auto reply = co_await std::move(pending);
        if (!reply) co_return failure(std::move(reply.error()));
        co_return decode_reply<T>(std::move(reply->body));
    }

    std::shared_ptr<impl> impl_;
};

}  // namespace echosocket
