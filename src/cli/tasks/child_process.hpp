// A program started without a shell, which ends no later than its handle.
#pragma once

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
    bool signalled = false;
    int value = 0;  ///< The exit status, or the signal's number.
};

/// A running program in a process group of its own. Its standard input is empty; its standard output and standard error
/// share one pipe, in the order of writing. It inherits no other descriptor.
///
/// Thread safety: none; use it only on its executor.
/// Lifetime: the destructor kills the group and reaps the program, blocking until that is done.
class child_process {
public:
    /// Runs the file `path` with the arguments `words`, of which the first is the program's own name.
    ///
    /// Errors: `task_failed`; the detail says why it could not be started.
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

    /// Suspends until the program has ended, then kills the processes that it left in its group.
    ///
    /// Errors: throws `operation_aborted` if cancelled.
    [[nodiscard]] asio::awaitable<void> wait_for_end();

    /// Asks the group to end, and kills it after `grace` (ms). Returns when the program has ended. Must not be
    /// cancelled.
    [[nodiscard]] asio::awaitable<void> terminate(std::chrono::milliseconds grace);

    void kill() noexcept;

    /// Reaps the program, which must have ended.
    [[nodiscard]] exit_status reap() noexcept;

private:
    child_process(asio::any_io_executor executor, pid_t pid) : pid_(pid), output_(executor), ended_(executor) {}

    void signal(int number) noexcept;

    pid_t pid_;
    bool reaped_ = false;
    asio::posix::stream_descriptor output_;
    asio::posix::stream_descriptor ended_;  // a pidfd: readable when the program has ended
};

}  // namespace echosocket::cli
