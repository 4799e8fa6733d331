// What a handler knows about the call that it serves, and which types can be handlers.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/detail/json_steps.hpp>
#include <echosocket/detail/run_elsewhere.hpp>
#include <echosocket/detail/safe_in_co_await.hpp>
#include <echosocket/log.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket {

namespace detail {

/// The running call behind a `task_context`; implemented by the connection.
class call_environment {
public:
    [[nodiscard]] virtual std::string_view task_name() const noexcept = 0;
    [[nodiscard]] virtual std::string_view trace_id() const noexcept = 0;
    [[nodiscard]] virtual echosocket::content_type content_type() const noexcept = 0;
    [[nodiscard]] virtual echosocket::peer peer() const = 0;
    [[nodiscard]] virtual std::optional<time_point> deadline() const noexcept = 0;
    [[nodiscard]] virtual bool cancelled() const noexcept = 0;
    [[nodiscard]] virtual bool stopping() const noexcept = 0;
    /// False if the wait was cancelled.
    [[nodiscard]] virtual asio::awaitable<bool> until_stopping() const = 0;
    [[nodiscard]] virtual echosocket::clock& clock() const noexcept = 0;
    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
    [[nodiscard]] virtual unsigned max_nesting() const noexcept = 0;
    [[nodiscard]] virtual std::size_t max_json_values() const noexcept = 0;
    /// The call's items; nullptr if it has no streams.
    [[nodiscard]] virtual std::shared_ptr<stream_end> stream() const = 0;
    virtual void log(log_level level, std::string_view text) const = 0;
    /// The handler has its arguments, and nobody looks at the body any more.
    virtual void arguments_are_read() noexcept {}

protected:
    ~call_environment() = default;
};

}  // namespace detail

/// Whether the end that serves a call is stopping: a flag, and something to wait for.
///
/// Thread safety and lifetime: as of the `task_context` that it comes from.
class stop_notice {
public:
    explicit stop_notice(const detail::call_environment& call) noexcept : call_(&call) {}

    /// `while (!call.stopping()) ...`
    [[nodiscard]] explicit operator bool() const noexcept { return call_->stopping(); }
    /// Suspends until it is stopping. Made to be awaited beside something else:
    ///
    ///     auto either = items.next() || call.stopping().wait();
    ///     auto first = co_await std::move(either);
    ///
    /// Errors: throws `boost::system::system_error(operation_aborted)` if cancelled.
    /// Cancellation: terminal, partial, total.
    [[nodiscard]] asio::awaitable<void> wait() const;

private:
    const detail::call_environment* call_;
};

/// The call that a handler serves. A handler gets it by taking `task_context&` as its first parameter.
///
/// Thread safety: use it only on the handler's own executor. A handler that awaits something which resumes it on
/// another thread must not use it there, and can't be cancelled while it is there; its result is brought back to the
/// strand. `run_on` spares all of that. Lifetime: valid until the handler has ended.
class task_context {
public:
    explicit task_context(detail::call_environment& call) noexcept : call_(&call) {}
    task_context(const task_context&) = delete;
    task_context& operator=(const task_context&) = delete;

    /// The name that was called; in the fallback task, the unregistered name; in a notification, its topic.
    [[nodiscard]] std::string_view task() const noexcept { return call_->task_name(); }
    /// The caller. Calls made through this handle get this call's deadline and trace id.
    [[nodiscard]] echosocket::peer peer() const { return call_->peer(); }
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return call_->deadline(); }
    /// The caller's opaque id; empty if there is none.
    [[nodiscard]] std::string_view trace_id() const noexcept { return call_->trace_id(); }

    /// How the caller encoded the body: `bytes` (one string or byte sequence, or not specified) or `json`. For raw
    /// handlers, which get both as bytes.
    [[nodiscard]] echosocket::content_type content_type() const noexcept { return call_->content_type(); }

    /// Time left until the call's deadline, never negative; empty if there is no deadline.
    [[nodiscard]] std::optional<duration> remaining() const noexcept;
    /// Returns true if the caller cancelled, the deadline passed, a drain timed out, or the connection ended (not of a
    /// call with a key, unless there are too many of these). Check it during a long computation; a suspended handler
    /// need not, because its wait is cancelled.
    [[nodiscard]] bool cancelled() const noexcept { return call_->cancelled(); }

    /// Has this server's `stop()`, or this client's `drain()`, begun? A handler may go on until the drain's time is up;
    /// one that would not end by itself, such as an endless stream, should end now, so that nobody waits for it.
    [[nodiscard]] stop_notice stopping() const noexcept { return stop_notice(*call_); }

    /// Suspends for `length`, measured by `clock()`.
    ///
    /// Errors: throws `boost::system::system_error(operation_aborted)` when the call is cancelled.
    [[nodiscard]] asio::awaitable<void> sleep_for(duration length);
    /// The connection's strand, on which this handler runs.
    [[nodiscard]] asio::any_io_executor executor() const { return call_->executor(); }
    /// Runs `work`, a function that takes long, on `elsewhere` (a thread pool, another `io_context`, or an executor),
    /// and resumes with what it returns on this handler's strand. `work` may take a `std::stop_token`, which is asked
    /// to stop when the call is cancelled.
    ///
    ///     auto primes = co_await call.run_on(pool, [n](std::stop_token stop) { return count_primes(n, stop); });
    ///
    /// Errors: throws what `work` throws.
    /// Cancellation: total; this waits for a `work` that has begun, and returns what it returns. If it had not begun,
    /// throws `boost::system::system_error(operation_aborted)`.
    /// Lifetime: `elsewhere` must run until `work` has ended. `work` must use nothing of this context.
    template <class Elsewhere, class Work>
    [[nodiscard]] auto run_on(Elsewhere&& elsewhere, Work&& work) {
        detail::check_safe_in_co_await<Work>();
        auto kept = std::make_shared<std::remove_cvref_t<Work>>(std::forward<Work>(work));
        return detail::run_elsewhere(detail::executor_of(elsewhere), std::move(kept));
    }
    /// The clock of this server or client.
    [[nodiscard]] echosocket::clock& clock() const noexcept { return call_->clock(); }
    [[nodiscard]] unsigned max_nesting() const noexcept { return call_->max_nesting(); }
    [[nodiscard]] std::size_t max_json_values() const noexcept { return call_->max_json_values(); }
    void arguments_are_read() noexcept { call_->arguments_are_read(); }
    /// The stream behind the handler's `sink` and `source`; nullptr if the call has none.
    [[nodiscard]] std::shared_ptr<detail::stream_end> stream() const { return call_->stream(); }

    /// Writes to the server's or client's log sink.
    void log(log_level level, std::string_view text) const { call_->log(level, text); }

private:
    detail::call_environment* call_;
};

/// A task's entry in `$tasks`.
struct task_info {
    std::string name;
    std::string arguments;    ///< Type names, separated by commas: `number, string`; empty if there are none.
    std::string returns;      ///< A type name; `nothing` if there is no result.
    std::string takes;        ///< The type of the items that it reads from its caller; empty if it reads none.
    std::string sends;        ///< The type of the items that it sends to its caller; empty if it sends none.
    std::string description;  ///< The description given at registration.
};

namespace detail {

/// Receives a finished handler's reply: exactly one call of `succeed` or `fail` that returns true. They return false
/// and take nothing if the calling thread is not on the call's strand; then come back to it and call again.
class reply_sink {
public:
    [[nodiscard]] virtual bool succeed(std::string_view body, content_type type) = 0;  ///< Copied before this returns.
    [[nodiscard]] virtual bool succeed(std::string&& body, content_type type) = 0;     ///< A large one is not copied.
    [[nodiscard]] virtual bool fail(const failure& why) = 0;

    /// Takes the next queued call of the same task. Returns false if there is none; otherwise `body` is that call's
    /// body, and the next reply answers it.
    [[nodiscard]] virtual bool next_call([[maybe_unused]] std::string_view& body) { return false; }

protected:
    ~reply_sink() = default;
};

/// A registered handler with its types erased.
class task {
public:
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    virtual ~task() = default;

    /// Returns true if the handler returns an `awaitable`.
    [[nodiscard]] bool is_coroutine() const noexcept { return is_coroutine_; }
    /// Returns true if a body of that type is parsed as JSON.
    [[nodiscard]] bool reads_json(content_type type) const noexcept {
        return decodes_ && (type == content_type::json || reads_bytes_as_json_);
    }
    /// Returns true if `start` serves a call with so large a body, otherwise `run` does: what suspends, and what has to
    /// decode so much that others get their turn meanwhile.
    [[nodiscard]] bool may_suspend(std::size_t body_size) const noexcept {
        return is_coroutine_ || (decodes_ && body_size > json_step);
    }
    /// The bits of the protocol's streams record: 1 if the caller sends items, 2 if the caller takes items.
    [[nodiscard]] std::uint8_t streams() const noexcept { return streams_; }

    /// Serves a call in place. Throws what the handler throws; `reply` is then unused.
    virtual void run(task_context& context, std::string_view body, reply_sink& reply) = 0;

    /// Serves a call that may suspend, then each further one from `reply.next_call`. `body` is valid until the next
    /// call, the references until the awaitable has ended.
    virtual asio::awaitable<void> start(task_context& context, std::string_view body, reply_sink& reply) = 0;

    [[nodiscard]] virtual std::string argument_types() const = 0;
    [[nodiscard]] virtual std::string return_type() const = 0;

    [[nodiscard]] virtual std::string taken_items() const { return {}; }
    [[nodiscard]] virtual std::string sent_items() const { return {}; }

protected:
    task(bool is_coroutine, bool decodes, bool reads_bytes_as_json, std::uint8_t streams) noexcept
        : is_coroutine_(is_coroutine),
          decodes_(decodes),
          reads_bytes_as_json_(reads_bytes_as_json),
          streams_(streams) {}

private:
    bool is_coroutine_;
    bool decodes_;
    bool reads_bytes_as_json_;
    std::uint8_t streams_;
};

}  // namespace detail

}  // namespace echosocket

#include <echosocket/detail/make_task.hpp>
