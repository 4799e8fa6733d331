// A program started without a shell, which ends no later than its handle.
#pragma once

#include "cli/tasks/descriptor.hpp"

#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/types.h>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// How a program ended.
struct exit_status {
    enum class kind { exited, signalled, not_started } how = kind::exited;
    int value = 0;  ///< The exit status, the signal's number, or the system's error.
};

/// A running program, with a clean environment, beneath a supervisor that ends all that it starts, at the latest when
/// this process ends. Its standard input is empty; its standard output and standard error share one pipe, in the order
/// of writing. It inherits no other descriptor.
///
/// Not ended are processes that took another user's rights, nor those of a program that kills its supervisor.
///
/// Thread safety: none; use it only on its executor.
/// Lifetime: the destructor kills everything and reaps the supervisor, blocking until that is done.
class child_process {
public:
    /// Runs the file `path` with the arguments `words`, of which the first is the program's own name.
    ///
    /// Errors: `task_failed`; the detail says why there is no supervisor. `reap` tells of a program that can't be
    /// started.
    static result<std::unique_ptr<child_process>> start(asio::any_io_executor executor, const std::string& path,
                                                        const std::vector<std::string>& words);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    /// Suspends until the program has written something. Returns 0 bytes when every process that holds the pipe has
    /// ended.
    ///
    /// Errors: throws `operation_aborted` if cancelled.
    [[nodiscard]] asio::awaitable<std::size_t> read_output(asio::mutable_buffer into);

    /// Suspends until the program and all that it started have ended; the latter are killed once the program has ended.
    ///
    /// Errors: throws `operation_aborted` if cancelled.
    [[nodiscard]] asio::awaitable<void> wait_for_end();

    /// Asks the program and its group to end, and kills everything after `grace` (ms). Returns when all have ended.
    /// Must not be cancelled.
    [[nodiscard]] asio::awaitable<void> terminate(std::chrono::milliseconds grace);

    /// Lets the supervisor kill everything.
    void kill() noexcept;

    /// Reaps the supervisor, which must have ended.
    [[nodiscard]] exit_status reap() noexcept;

private:
    child_process(asio::any_io_executor executor, pid_t supervisor, descriptor line)
        : supervisor_(supervisor), line_(std::move(line)), output_(executor), ended_(executor) {}

    [[nodiscard]] asio::awaitable<bool> ends_within(std::chrono::milliseconds patience);

    pid_t supervisor_;
    bool reaped_ = false;
    descriptor line_;
    asio::posix::stream_descriptor output_;
    asio::posix::stream_descriptor ended_;  // a pidfd: readable when the supervisor has ended
};

}  // namespace echosocket::cli
