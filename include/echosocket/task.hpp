// What a handler is told about the call that it serves, and what can be a handler.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/log.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket {

namespace detail {

/// The running call behind a `task_context`; the connection implements it.
class call_environment {
public:
    [[nodiscard]] virtual std::string_view task_name() const noexcept = 0;
    [[nodiscard]] virtual std::string_view trace_id() const noexcept = 0;
    [[nodiscard]] virtual echosocket::content_type content_type() const noexcept = 0;
    [[nodiscard]] virtual echosocket::peer peer() const = 0;
    [[nodiscard]] virtual std::optional<time_point> deadline() const noexcept = 0;
    [[nodiscard]] virtual bool cancelled() const noexcept = 0;
    [[nodiscard]] virtual echosocket::clock& clock() const noexcept = 0;
    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
    [[nodiscard]] virtual unsigned max_nesting() const noexcept = 0;
    /// The call's items; nothing where it has no streams.
    [[nodiscard]] virtual std::shared_ptr<stream_end> stream() const = 0;
    virtual void log(log_level level, std::string_view text) const = 0;

protected:
    ~call_environment() = default;
};

}  // namespace detail

/// The call that a handler serves. A handler asks for it by taking `task_context&` as its first parameter.
///
/// Thread safety: use it on the handler's own executor only.
/// Lifetime: valid until the handler has ended.
class task_context {
public:
    explicit task_context(detail::call_environment& call) noexcept : call_(&call) {}
    task_context(const task_context&) = delete;
    task_context& operator=(const task_context&) = delete;

    /// The name that was called; for the fallback task, the name that nobody registered; the topic of a notification.
    [[nodiscard]] std::string_view task() const noexcept { return call_->task_name(); }
    /// Whoever called. What is called through this handle ends with this call's deadline and carries its trace id.
    [[nodiscard]] echosocket::peer peer() const { return call_->peer(); }
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return call_->deadline(); }
    /// An opaque id that the caller attached, empty where it did not.
    [[nodiscard]] std::string_view trace_id() const noexcept { return call_->trace_id(); }

    /// How the caller made the body: `bytes` of one string or byte sequence, or `json`. For a raw handler, to which
    /// both come as bytes; a caller that says nothing means `bytes`.
    [[nodiscard]] echosocket::content_type content_type() const noexcept { return call_->content_type(); }

    /// Time left until the call's deadline; never negative, nothing where there is no deadline.
    [[nodiscard]] std::optional<duration> remaining() const noexcept;
    /// Has the caller cancelled, the deadline passed, the connection gone or a drain run out? A long computation asks
    /// now and then; a suspended handler need not, its wait is cancelled.
    [[nodiscard]] bool cancelled() const noexcept { return call_->cancelled(); }

    /// Suspends for `length` by the server's clock. Ends with `operation_aborted` when the call is cancelled.
    [[nodiscard]] asio::awaitable<void> sleep_for(duration length);
    /// The connection's strand, on which this handler runs.
    [[nodiscard]] asio::any_io_executor executor() const { return call_->executor(); }
    /// By which this server measures time.
    [[nodiscard]] echosocket::clock& clock() const noexcept { return call_->clock(); }
    [[nodiscard]] unsigned max_nesting() const noexcept { return call_->max_nesting(); }
    /// Of which a handler is handed its `sink` and `source`.
    [[nodiscard]] std::shared_ptr<detail::stream_end> stream() const { return call_->stream(); }

    /// Writes to the server's log sink.
    void log(log_level level, std::string_view text) const { call_->log(level, text); }

private:
    detail::call_environment* call_;
};

/// How a task is told about by `$tasks`.
struct task_info {
    std::string name;
    std::string arguments;    ///< Type names, comma separated: `number, string`; empty for none.
    std::string returns;      ///< A type name; `nothing` for none.
    std::string takes;        ///< The type of the items that it reads from its caller; empty for none.
    std::string sends;        ///< The type of the items that it sends to its caller; empty for none.
    std::string description;  ///< The line given at registration.
};

namespace detail {

/// Where a finished handler puts its reply: exactly one call of `succeed` or `fail`.
class reply_sink {
public:
    virtual void succeed(std::string_view body, content_type type) = 0;  ///< Copied before this returns.
    virtual void succeed(std::string&& body, content_type type) = 0;     ///< Kept without a copy where it is large.
    virtual void fail(const failure& why) = 0;

    /// Goes on to another call of the same task, where one is at hand: `body` is then that call's, and the next reply
    /// its answer.
    [[nodiscard]] virtual bool next_call([[maybe_unused]] std::string_view& body) { return false; }

protected:
    ~reply_sink() = default;
};

/// A registered handler, its types erased.
class task {
public:
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    virtual ~task() = default;

    /// Does it return an `awaitable`? Then `start` serves a call, else `run` does.
    [[nodiscard]] bool is_coroutine() const noexcept { return is_coroutine_; }
    /// The protocol's bits: 1 the caller sends items, 2 the caller takes items.
    [[nodiscard]] std::uint8_t streams() const noexcept { return streams_; }

    /// Serves a call in place. May throw what the handler throws; then nothing was put into `reply`.
    virtual void run(task_context& context, std::string_view body, reply_sink& reply) = 0;

    /// Serves a call that may suspend, and those that `reply` has to follow. `body` stays valid until the next one, the
    /// references until the awaitable has ended.
    virtual asio::awaitable<void> start(task_context& context, std::string_view body, reply_sink& reply) = 0;

    [[nodiscard]] virtual std::string argument_types() const = 0;
    [[nodiscard]] virtual std::string return_type() const = 0;

    [[nodiscard]] virtual std::string taken_items() const { return {}; }
    [[nodiscard]] virtual std::string sent_items() const { return {}; }

protected:
    task(bool is_coroutine, std::uint8_t streams) noexcept : is_coroutine_(is_coroutine), streams_(streams) {}

private:
    bool is_coroutine_;
    std::uint8_t streams_;
};

}  // namespace detail

}  // namespace echosocket

#include <echosocket/detail/make_task.hpp>
