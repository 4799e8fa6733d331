// Calls, streams and notifications, as `peer`, `client` and `client_pool` offer them.
#pragma once

#include <echosocket/call_options.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/detail/safe_in_co_await.hpp>
#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace echosocket::detail {

/// A reply's bytes, once they are there, as the type that the caller asked for.
template <class T>
asio::awaitable<result<T>> decode_pending(asio::awaitable<result<raw_reply>> pending) {
    auto reply = co_await std::move(pending);
    if (!reply) co_return failure(std::move(reply.error()));
    if constexpr (reads_json<T>) {
        if (reply->body.size() > json_step) {
            const auto document = co_await parse_reply<T>(reply->body);
            co_return read_reply<T>(document);
        }
    }
    co_return decode_reply<T>(std::move(reply->body));
}

/// What the caller of a call with streams sends and takes; the bits are the protocol's.
template <class Out, class In>
inline constexpr std::uint8_t streams_of = (std::is_void_v<Out> ? 0 : 1) | (std::is_void_v<In> ? 0 : 2);

/// Something that has tasks and listens to topics: the other end of one connection, or of one of several.
///
/// Thread safety: every member may be called from any thread and any executor; a call resumes on the executor of the
/// coroutine that awaits it.
class call_interface {
public:
    /// Calls a task and awaits its reply. Arguments are encoded before this returns, so they need not outlive it.
    ///
    /// Errors: what the task answered, `deadline_exceeded`, `cancelled`, `message_too_large`, `bad_reply`,
    /// `shutting_down`, `overloaded`, or why the connection ended. None of the first seven closes the connection.
    /// Cancellation: terminal, partial, total; the handler at the other end is cancelled too.
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(std::string_view task, Args&&... args) const {
        return call<T>(no_options, task, std::forward<Args>(args)...);
    }
    /// The same with options, for example a timeout of its own.
    template <class T = void, class... Args>
    [[nodiscard]] asio::awaitable<result<T>> call(const call_options& options, std::string_view task,
                                                  Args&&... args) const {
        check_safe_in_co_await<Args...>();
        return decode_pending<T>(do_call(task, encode_arguments(args...), options));
    }

    /// Calls a task with a body that is already encoded, and hands out the reply's bytes as they came.
    [[nodiscard]] asio::awaitable<result<raw_reply>> call_raw(std::string_view task, encoded_body&& body) const {
        return do_call(task, std::move(body), no_options);
    }
    [[nodiscard]] asio::awaitable<result<raw_reply>> call_raw(std::string_view task, encoded_body&& body,
                                                              const call_options& options) const {
        return do_call(task, std::move(body), options);
    }

    /// Calls a task with streams: `T` is its result, `Out` what this end sends, `In` what it takes, `void` for none.
    /// Without options there is no timeout.
    ///
    /// Errors: all of them come from the parts of what is returned.
    template <class T, class Out, class In, class... Args>
    [[nodiscard]] stream_call<T, Out, In> open(std::string_view task, const Args&... args) const {
        return open<T, Out, In>(with_timeout(std::chrono::milliseconds(0)), task, args...);
    }
    template <class T, class Out, class In, class... Args>
    [[nodiscard]] stream_call<T, Out, In> open(const call_options& options, std::string_view task,
                                               const Args&... args) const {
        return stream_call<T, Out, In>(do_open(task, encode_arguments(args...), streams_of<Out, In>, options));
    }

    /// Tells the other end something, and waits for nothing. Notifications of one connection arrive in order.
    ///
    /// Errors: `connection_lost` if there is no connection, `message_too_large` above what the other end takes,
    /// `invalid_name`. Success means that it was handed to the connection; see `queue_rules` for a peer that does not
    /// read.
    template <class... Args>
    result<void> notify(std::string_view topic, const Args&... args) const {
        return do_notify(topic, encode_arguments(args...), notify_options());
    }
    template <class... Args>
    result<void> notify(const notify_options& options, std::string_view topic, const Args&... args) const {
        return do_notify(topic, encode_arguments(args...), options);
    }
    /// The same with a body that is already encoded.
    result<void> notify_raw(std::string_view topic, encoded_body&& body) const {
        return do_notify(topic, std::move(body), notify_options());
    }
    result<void> notify_raw(std::string_view topic, encoded_body&& body, const notify_options& options) const {
        return do_notify(topic, std::move(body), options);
    }

protected:
    using pending_reply = asio::awaitable<result<raw_reply>>;
    using stream_ptr = std::shared_ptr<stream_end>;

    call_interface() = default;
    call_interface(const call_interface&) = default;
    call_interface& operator=(const call_interface&) = default;
    ~call_interface() = default;

private:
    [[nodiscard]] virtual pending_reply do_call(std::string_view task, encoded_body&& body,
                                                const call_options& options) const = 0;
    /// Never nullptr: a call that can't begin is a stream that has failed.
    [[nodiscard]] virtual stream_ptr do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                                             const call_options& options) const = 0;
    virtual result<void> do_notify(std::string_view topic, encoded_body&& body,
                                   const notify_options& options) const = 0;
};

}  // namespace echosocket::detail
