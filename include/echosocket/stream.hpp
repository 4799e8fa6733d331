// Streams: items that a call sends or receives besides its arguments and its result.
#pragma once

#include <echosocket/codec.hpp>
#include <echosocket/detail/safe_in_co_await.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace echosocket {

namespace asio = boost::asio;

namespace detail {

/// An item as received, not decoded.
struct raw_item {
    std::string body;
    content_type type = content_type::bytes;
};

/// Both directions of one call's items, at one end; implemented by the connection.
class stream_end {
public:
    virtual ~stream_end() = default;

    /// Does nothing before it is awaited.
    [[nodiscard]] virtual asio::awaitable<result<void>> send(encoded_body&& item) = 0;
    virtual result<void> end(std::optional<failure> why) = 0;
    [[nodiscard]] virtual asio::awaitable<result<std::optional<raw_item>>> next() = 0;
    /// The call's answer; only at the caller.
    [[nodiscard]] virtual asio::awaitable<result<raw_reply>> answer() = 0;
    virtual void cancel() = 0;
    /// The error for an item that does not decode: `bad_reply` at the caller, `bad_request` at the callee.
    [[nodiscard]] virtual errc misfit() const noexcept = 0;
    /// Takes back what `next` returned last, for the next one who asks.
    virtual void put_back(raw_item&& item) noexcept = 0;
};

/// An item that is being decoded: put back unless it is, so that a reader that is cancelled meanwhile loses nothing.
class unread_item {
public:
    unread_item(std::shared_ptr<stream_end> from, raw_item&& item) noexcept
        : from_(std::move(from)), item_(std::move(item)) {}
    unread_item(const unread_item&) = delete;
    unread_item& operator=(const unread_item&) = delete;
    ~unread_item() {
        if (from_) from_->put_back(std::move(item_));
    }

    [[nodiscard]] const std::string& body() const noexcept { return item_.body; }
    void is_read() noexcept { from_ = nullptr; }

private:
    std::shared_ptr<stream_end> from_;
    raw_item item_;
};

}  // namespace detail

/// The sending end of a stream.
///
/// A task that sends items to its caller takes a `sink<T>&`; a caller gets one from `open`.
///
/// Thread safety: all members may be called from any thread; call `send` again only after the last one has ended.
/// Lifetime: a cheap handle; after the call has ended, every member returns `stream_closed` or why the call failed.
template <class T>
class sink {
public:
    using value_type = T;

    sink() = default;
    explicit sink(std::shared_ptr<detail::stream_end> stream) : stream_(std::move(stream)) {}

    /// Sends one item; suspends while more than the other end's `limits::stream_credit` bytes are unread. The item is
    /// encoded before this returns, so it need not outlive it, and sent once this is awaited, not before.
    ///
    /// Errors: `message_too_large` (an item is at most half of `stream_credit`, and of the other end's
    /// `limits::max_frame`; the stream goes on), `stream_closed` after `end` and after the call has ended, `cancelled`,
    /// why the call failed, or why the connection ended.
    /// Cancellation: terminal, partial, total; the item is then not sent. One that was sent is never reported as
    /// cancelled.
    [[nodiscard]] asio::awaitable<result<void>> send(const T& item) const {
        return stream_->send(encode_arguments(item));
    }
    // An item that is made in place.
    template <std::same_as<T> Item = T>
    [[nodiscard]] asio::awaitable<result<void>> send(Item&& item) const {
        detail::check_safe_in_co_await<Item>();
        return send(std::as_const(item));
    }
    /// Ends the stream: the reader's `next()` returns an empty optional after the last item.
    result<void> end() const { return stream_->end(std::nullopt); }
    /// Ends the stream with a failure, which the reader's `next()` returns after the last item.
    result<void> fail(failure why) const { return stream_->end(std::move(why)); }

private:
    std::shared_ptr<detail::stream_end> stream_;
};

/// The receiving end of a stream.
///
/// A task that reads items from its caller takes a `source<T>&`; a caller gets one from `open`.
///
/// Thread safety: all members may be called from any thread; call `next` again only after the last one has ended.
/// Lifetime: a cheap handle.
template <class T>
class source {
public:
    using value_type = T;

    source() = default;
    explicit source(std::shared_ptr<detail::stream_end> stream) : stream_(std::move(stream)) {}

    /// Returns the next item, or an empty optional when the sender has ended the stream or answered the call.
    ///
    /// Errors: the sender's failure, `cancelled`, why the call failed or the connection ended. An item of another type
    /// is `bad_request` at the task and `bad_reply` at the caller; the stream goes on.
    /// Cancellation: terminal, partial, total; no item is lost.
    [[nodiscard]] asio::awaitable<result<std::optional<T>>> next() const { return decode(stream_); }

private:
    static asio::awaitable<result<std::optional<T>>> decode(std::shared_ptr<detail::stream_end> stream) {
        auto item = co_await stream->next();
        if (!item) co_return failure(std::move(item.error()));
        if (!*item) co_return std::optional<T>();
        if constexpr (detail::reads_json<T>) {
            if ((*item)->body.size() > detail::json_step) {
                detail::unread_item raw(stream, std::move(**item));
                const auto document = co_await detail::parse_reply<T>(raw.body());
                if (!document) co_return failure(errc::cancelled, "cancelled by the caller");
                raw.is_read();
                co_return value_of(*stream, detail::read_reply<T>(*document));
            }
        }
        co_return value_of(*stream, decode_reply<T>(std::move((*item)->body)));
    }

    static result<std::optional<T>> value_of(const detail::stream_end& stream, result<T>&& decoded) {
        if (decoded) return std::optional<T>(std::move(*decoded));
        decoded.error().code = stream.misfit();
        return failure(std::move(decoded.error()));
    }

    std::shared_ptr<detail::stream_end> stream_;
};

/// A call with streams at the caller: `T` is its result, `Out` the type it sends, `In` the type it receives; `void` for
/// a direction that is not used.
///
/// Thread safety: as `sink` and `source`.
/// Lifetime: destroying it before `reply()` has ended cancels the call.
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

    /// The items that the caller sends.
    [[nodiscard]] sink<Out> out() const requires(!std::is_void_v<Out>) { return sink<Out>(stream_); }
    /// The items that the task sends.
    [[nodiscard]] source<In> in() const requires(!std::is_void_v<In>) { return source<In>(stream_); }

    /// Ends the caller's stream if it is still open, then waits for the task's result; call it once. If the caller
    /// never read an item, the task's items are discarded as they come; otherwise read them to the end, or the task
    /// waits for room.
    ///
    /// Errors and cancellation: as `client::call`.
    [[nodiscard]] asio::awaitable<result<T>> reply() const { return finish(stream_); }

    /// Cancels the task; `reply()` then returns the outcome.
    void cancel() const {
        if (stream_) stream_->cancel();
    }

private:
    static asio::awaitable<result<T>> finish(std::shared_ptr<detail::stream_end> stream) {
        auto reply = co_await stream->answer();
        if (!reply) co_return failure(std::move(reply.error()));
        if constexpr (detail::reads_json<T>) {
            if (reply->body.size() > detail::json_step) {
                const auto document = co_await detail::parse_reply<T>(reply->body);
                co_return detail::read_reply<T>(document);
            }
        }
        co_return decode_reply<T>(std::move(reply->body));
    }

    std::shared_ptr<detail::stream_end> stream_;
};

}  // namespace echosocket
