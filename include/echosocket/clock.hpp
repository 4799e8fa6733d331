// The clock that every timeout, deadline and sleep is measured by: the machine's, or a virtual one in tests.
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

/// One alarm, belonging to one executor.
///
/// Thread safety: none; use it on its executor only.
/// Lifetime: after `cancel()` or the destructor returns, the callback does not run any more, even where its time had
/// already come. It goes before the execution context of its executor does.
class alarm {
public:
    virtual ~alarm() = default;

    /// Runs `callback` on the alarm's executor once `when` has come; replaces what was set before.
    virtual void set(time_point when, std::function<void()> callback) = 0;
    virtual void cancel() = 0;
};

/// A source of time.
///
/// Thread safety: `now` and `make_alarm` may be called from any thread.
/// Lifetime: outlives every alarm made from it.
class clock {
public:
    virtual ~clock() = default;

    [[nodiscard]] virtual time_point now() const noexcept = 0;
    [[nodiscard]] virtual std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) = 0;
};

/// The machine's steady clock; the default everywhere.
[[nodiscard]] clock& steady_clock() noexcept;

/// Suspends for `length` of `source`'s time.
///
/// Errors: throws `boost::system::system_error(operation_aborted)` when cancelled, as Asio's own waits do.
/// Cancellation: terminal, partial and total.
/// Thread safety: resumes on the awaiting coroutine's executor, which must be a strand or have one thread alone where
/// `source` is not `steady_clock()`.
/// Lifetime: `source` outlives the wait.
[[nodiscard]] asio::awaitable<void> sleep_for(clock& source, duration length);

}  // namespace echosocket
