// The clock behind every timeout, deadline and sleep: the machine's, or a virtual one in tests.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace echosocket {

namespace asio = boost::asio;

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// One alarm, bound to one executor.
///
/// Thread safety: none; use it only on its executor.
/// Lifetime: the callback never runs after `cancel()` or the destructor has returned, even if its time had come before.
/// Destroy the alarm before its executor's execution context.
class alarm {
public:
    virtual ~alarm() = default;

    /// Runs `callback` on the alarm's executor at `when`; replaces an earlier setting.
    virtual void set(time_point when, std::function<void()> callback) = 0;
    virtual void cancel() = 0;
};

/// A source of time.
///
/// Errors: what `make_alarm` or an alarm throws ends the connection that it was for; see `server::run` for listeners.
/// Thread safety: `now` and `make_alarm` may be called from any thread.
/// Lifetime: must outlive every alarm made from it.
class clock {
public:
    virtual ~clock() = default;

    [[nodiscard]] virtual time_point now() const noexcept = 0;
    [[nodiscard]] virtual std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) = 0;
};

/// The machine's steady clock, the default everywhere.
[[nodiscard]] clock& steady_clock() noexcept;

/// Suspends for `length`, measured by `source`.
///
/// Errors: throws `boost::system::system_error(operation_aborted)` if cancelled, as Asio's own waits do.
/// Cancellation: terminal, partial, total.
/// Thread safety: resumes on the awaiting coroutine's executor. If `source` is not `steady_clock()`, that executor must
/// be a strand or run on a single thread.
/// Lifetime: `source` must outlive the wait.
[[nodiscard]] asio::awaitable<void> sleep_for(clock& source, duration length);

}  // namespace echosocket
