// A program, run without a shell, that ends no later than its handle.
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

/// A running program in a process group of its own. Its standard input is empty; what it writes to standard output
/// and standard error comes through one pipe, in the order of writing. It inherits no other descriptor.
///
/// Thread safety: none; use it on its executor.
/// Lifetime: the destructor kills the group and reaps the program, blocking until that is done.
class child_process {
public:
    /// Runs the file `path` with `words`, of which the first is the program's own name.
    ///
    /// Errors: `task_failed`, saying why it could not be started.
    static result<std::unique_ptr<child_process>> start(asio::any_io_executor executor, const std::string& path,
                                                        const std::vector<std::string>& words);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    /// Suspends until the program has written something. 0 bytes: everything with a hold on the pipe has ended.
    ///
    /// Errors: `operation_aborted` where cancelled, thrown.
    [[nodiscard]] asio::awaitable<std::size_t> read_output(asio::mutable_buffer into);

    /// Suspends until the program has ended, then kills what it started and left behind in its group.
    ///
    /// Errors: `operation_aborted` where cancelled, thrown.
    [[nodiscard]] asio::awaitable<void> wait_for_end();

    /// Asks the group to end, and kills it after `grace`. Returns when the program has ended. Not to be cancelled.
    [[nodiscard]] asio::awaitable<void> terminate(std::chrono::milliseconds grace);

    /// Kills the group at once.
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
