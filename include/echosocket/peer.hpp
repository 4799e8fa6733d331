// The other end of a connection, with the same powers for both ends: to be called, notified, streamed to.
#pragma once

#include <echosocket/call_options.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

namespace echosocket {

namespace detail {
class connection_info;

/// A reply's bytes, once they are there, as the type that the caller asked for.
template <class T>
asio::awaitable<result<T>> decode_pending(asio::awaitable<result<raw_reply>> pending) {
    auto reply = co_await std::move(pending);
    if (!reply) co_return failure(std::move(reply.error()));
    co_return decode_reply<T>(std::move(reply->body));
}

/// What the caller of a call with streams sends and takes; the bits are the protocol's.
template <class Out, class In>
inline constexpr std::uint8_t streams_of = (std::is_void_v<Out> ? 0 : 1) | (std::is_void_v<In> ? 0 : 2);

}  // namespace detail

/// What is known of one connection, as it was at the moment of asking.
struct session_info {
    std::uint64_t id = 0;
    std::string name;  ///< As in the HELLO; untrusted text.
    std::string address;
    std::chrono::milliseconds age{};  ///< Since it was accepted.
    std::size_t running_calls = 0;
    std::uint64_t calls = 0;  ///< Requests taken so far.
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t notifications_in = 0;   ///< Handled here, or without a handler.
    std::uint64_t notifications_out = 0;  ///< Handed to the connection.
    std::uint64_t dropped = 0;  ///< Notifications to and from this peer that gave way: it, or a handler here, is slow.
};

/// A cheap, copyable handle to the other end of a connection.
///
/// Thread safety: every member may be called from any thread.
/// Lifetime: stays valid after the connection has gone; `connected()` is then false, and calls answer why it ended.
class peer {
public:
    peer() = default;
    explicit peer(std::shared_ptr<detail::connection_info> session, std::optional<time_point> deadline = {},
                  std::string_view trace_id = {});

    /// Unique among the connections of one server; counted from 1. 0 for a handle to nobody.
    [[nodiscard]] std::uint64_t id() const noexcept;
    /// The name that the other end gave in its HELLO; untrusted text.
    [[nodiscard]] std::string name() const;
    /// `127.0.0.1:4711`, `unix:/path` or `memory`.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] bool connected() const noexcept;
    [[nodiscard]] session_info info() const;

    /// Calls a task of the other end and awaits its reply, also from inside a handler that this peer called. Arguments
    /// are encoded before this returns, so they need not outlive it.
    ///
    /// Deadlines: a handle from `task_context::peer()` calls within the deadline of the call that is served.
    /// Errors: what the task answered, `deadline_exceeded`, `cancelled`, `message_too_large`, `bad_reply`,
    /// `shutting_down`, or why the connection ended. None of the first six closes the connection.
    /// Cancellation: terminal, partial, total; the handler at the other end is cancelled too.
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(std::string_view task, const Args&... args) const {
        return call<T>(call_options{}, task, args...);
    }
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(const call_options& options, std::string_view task,
                                                  const Args&... args) const {
        return detail::decode_pending<T>(call_raw(task, encode_arguments(args...), options));
    }
    /// Calls a task with a body that is already encoded, and hands out the reply's bytes as they came.
    [[nodiscard]] asio::awaitable<result<raw_reply>> call_raw(std::string_view task, encoded_body&& body,
                                                              const call_options& options = {}) const;

    /// Calls a task with streams: see `stream_call`. Where no timeout is given there is none.
    ///
    /// Errors: all of them come from the parts of what is returned.
    template <class T, class Out, class In, class... Args>
    [[nodiscard]] stream_call<T, Out, In> open(std::string_view task, const Args&... args) const {
        return open<T, Out, In>(with_timeout(std::chrono::milliseconds(0)), task, args...);
    }
    template <class T, class Out, class In, class... Args>
    [[nodiscard]] stream_call<T, Out, In> open(const call_options& options, std::string_view task,
                                               const Args&... args) const {
        return stream_call<T, Out, In>(open_raw(task, encode_arguments(args...), detail::streams_of<Out, In>, options));
    }

    /// Tells the other end something, and waits for nothing. Notifications of one connection arrive in order.
    ///
    /// Errors: `connection_lost` where the connection has ended, `message_too_large` above what the other end takes,
    /// `invalid_name`. Success says that it was handed to the connection; see `queue_rules` for a peer that does not
    /// read.
    template <class... Args>
    result<void> notify(std::string_view topic, const Args&... args) const {
        return notify_raw(topic, encode_arguments(args...));
    }
    template <class... Args>
    result<void> notify(const notify_options& options, std::string_view topic, const Args&... args) const {
        return notify_raw(topic, encode_arguments(args...), options);
    }
    result<void> notify_raw(std::string_view topic, encoded_body&& body, const notify_options& options = {}) const;

    /// Ends the connection once what is queued has been written; the other end is told the reason.
    void close(std::string_view reason = {}) const;

    /// Attaches data of the user's own to the connection, in place of what was attached before.
    template <class T>
    void set_data(std::shared_ptr<T> data) const {
        set_any_data(std::move(data), typeid(T));
    }
    /// What was attached, if it is a `T`; else nothing.
    template <class T>
    [[nodiscard]] std::shared_ptr<T> data() const {
        return std::static_pointer_cast<T>(any_data(typeid(T)));
    }

    friend bool operator==(const peer& a, const peer& b) noexcept { return a.session_ == b.session_; }

    [[nodiscard]] const std::shared_ptr<detail::connection_info>& session() const noexcept { return session_; }

private:
    [[nodiscard]] std::shared_ptr<detail::stream_end> open_raw(std::string_view task, encoded_body&& body,
                                                               std::uint8_t streams, const call_options& options) const;
    [[nodiscard]] call_options inherited(const call_options& options) const;
    void set_any_data(std::shared_ptr<void> data, std::type_index type) const;
    [[nodiscard]] std::shared_ptr<void> any_data(std::type_index type) const;

    std::shared_ptr<detail::connection_info> session_;
    std::optional<time_point> deadline_;
    std::string trace_id_;
};

}  // namespace echosocket
