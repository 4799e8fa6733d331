// Streams: items that a call carries besides its arguments and its result, in either direction or both.
#pragma once

#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace echosocket {

namespace asio = boost::asio;

namespace detail {

/// An item as it came.
struct raw_item {
    std::string body;
    content_type type = content_type::bytes;
};

/// Both directions of one call's items, at one end; the connection implements it.
class stream_end {
public:
    virtual ~stream_end() = default;

    [[nodiscard]] virtual asio::awaitable<result<void>> send(encoded_body&& item) = 0;
    virtual result<void> end(std::optional<failure> why) = 0;
    [[nodiscard]] virtual asio::awaitable<result<std::optional<raw_item>>> next() = 0;
    /// The call's answer; at the caller only.
    [[nodiscard]] virtual asio::awaitable<result<raw_reply>> answer() = 0;
    virtual void cancel() = 0;
    /// What an item that does not fit is: the caller's fault or the callee's.
    [[nodiscard]] virtual errc misfit() const noexcept = 0;
};

}  // namespace detail

/// Where a stream's items go in.
///
/// A task that sends items to its caller takes a `sink<T>&`; a caller gets one from `open`.
///
/// Thread safety: all members may be called from any thread, one `send` after the other has ended.
/// Lifetime: a cheap handle; after the call has ended every member answers `stream_closed`, or why the call failed.
template <class T>
class sink {
public:
    using value_type = T;

    sink() = default;
    explicit sink(std::shared_ptr<detail::stream_end> stream) : stream_(std::move(stream)) {}

    /// Sends one item; suspends while the reader is behind by more than its window, `limits::stream_credit` bytes.
    ///
    /// Errors: `message_too_large` (half a window at most), `stream_closed` after `end` and once the call has ended,
    /// `cancelled`, why the call failed, or why the connection ended. Of the first the stream goes on.
    /// Cancellation: terminal, partial, total; the item is not sent then.
    [[nodiscard]] asio::awaitable<result<void>> send(const T& item) const {
        return stream_->send(encode_arguments(item));
    }
    /// No more items: the reader's `next()` yields nothing once it has read those before.
    result<void> end() const { return stream_->end(std::nullopt); }
    /// The same, but the reader's `next()` yields this failure.
    result<void> fail(failure why) const { return stream_->end(std::move(why)); }

private:
    std::shared_ptr<detail::stream_end> stream_;
};

/// Where a stream's items come out.
///
/// A task that reads items from its caller takes a `source<T>&`; a caller gets one from `open`.
///
/// Thread safety: all members may be called from any thread, one `next` after the other has ended.
/// Lifetime: a cheap handle.
template <class T>
class source {
public:
    using value_type = T;

    source() = default;
    explicit source(std::shared_ptr<detail::stream_end> stream) : stream_(std::move(stream)) {}

    /// The next item; nothing once the sender has ended the stream, or has answered the call.
    ///
    /// Errors: what the sender failed with, `cancelled`, why the call failed or the connection ended; for an item of
    /// another type `bad_request` at the task, `bad_reply` at the caller, and the stream goes on.
    /// Cancellation: terminal, partial, total; no item is lost.
    [[nodiscard]] asio::awaitable<result<std::optional<T>>> next() const { return decode(stream_); }

private:
    static asio::awaitable<result<std::optional<T>>> decode(std::shared_ptr<detail::stream_end> stream) {
        auto item = co_await stream->next();
        if (!item) co_return failure(std::move(item.error()));
        if (!*item) co_return std::optional<T>();
        auto value = decode_reply<T>(std::move((*item)->body));
        if (!value) {
            value.error().code = stream->misfit();
            co_return failure(std::move(value.error()));
        }
        co_return std::optional<T>(std::move(*value));
    }

    std::shared_ptr<detail::stream_end> stream_;
};

/// A call with streams, from the caller's side: `T` is its result, `Out` what the caller sends, `In` what it takes;
/// `void` for a direction that there is not.
///
/// Thread safety: as of `sink` and `source`.
/// Lifetime: dropping it before `reply()` has ended cancels the call.
template <class T, class Out, class In>
class stream_call {
public:
    explicit stream_call(std::shared_ptr<detail::stream_end> stream) : stream_(std::move(stream)) {}
    stream_call(stream_call&&) noexcept = default;
    stream_call& operator=(stream_call&& other) noexcept {
        std::swap(stream_, other.stream_);
        return *this;
    }
    ~stream_call() { cancel(); }

    /// What the caller sends.
    [[nodiscard]] sink<Out> out() const requires(!std::is_void_v<Out>) { return sink<Out>(stream_); }
    /// What the task sends.
    [[nodiscard]] source<In> in() const requires(!std::is_void_v<In>) { return source<In>(stream_); }

    /// Ends what the caller sends, unless that was done, and awaits the task's result; once. Where nobody ever asked
    /// for the task's items, they are thrown away as they come; else somebody has to read them to the end, or the task
    /// waits for room.
    ///
    /// Errors and cancellation: as of `client::call`.
    [[nodiscard]] asio::awaitable<result<T>> reply() const { return finish(stream_); }

    /// Cancels the task; `reply()` then tells what became of it.
    void cancel() const {
        if (stream_) stream_->cancel();
    }

private:
    static asio::awaitable<result<T>> finish(std::shared_ptr<detail::stream_end> stream) {
        auto reply = co_await stream->answer();
        if (!reply) co_return failure(std::move(reply.error()));
        co_return decode_reply<T>(std::move(reply->body));
    }

    std::shared_ptr<detail::stream_end> stream_;
};

}  // namespace echosocket
