// The command `echosocket` as a user runs it: arguments, pipes, signals, exit code. Every wait is for an event, and
// bounded.
#pragma once

#include <sys/types.h>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::testing {

using words = std::vector<std::string>;

/// A directory that its destructor removes.
class temporary_directory {
public:
    temporary_directory();
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::vector<std::string> names() const;  ///< Of all files in it, hidden ones too, sorted.

private:
    std::filesystem::path path_;
};

/// A named pipe with which a program run by the server reports progress, or is told to go on.
class fifo {
public:
    fifo();

    [[nodiscard]] std::string path() const { return (directory_.path() / "fifo").string(); }
    [[nodiscard]] std::string read_line() const;  ///< Returns when a program has written one.
    void write_line() const;                      ///< Returns when a program reads it.

private:
    temporary_directory directory_;
};

/// A finished program.
struct ended {
    int code = -1;  ///< The exit code; 128 + the signal if a signal ended it, as in a shell.
    std::string out;
    std::string err;
};

/// A running program with pipes on its three standard streams, or a pseudo-terminal on all of them.
///
/// Throws `std::runtime_error`, with everything the program wrote, if a wait takes too long.
/// The destructor kills it.
class program {
public:
    enum class streams { pipes, terminal };
    using environment = std::map<std::string, std::string>;

    /// Runs the `echosocket` that was built.
    explicit program(const words& arguments, streams kind = streams::pipes, const environment& changes = {});
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program();

    /// Input that cannot be written at once is queued, and written during later waits.
    void type(std::string_view text);
    void end_input();
    void signal(int number) const;
    /// Stops reading the program's output, as if its reader had gone.
    void close_output();

    /// Waits for `text` on standard output or the terminal; returns and forgets everything up to its end.
    std::string read_past(std::string_view text);
    std::string read_line();
    std::string read_error_past(std::string_view text);
    /// Waits for the program's end and for the end of its output.
    ended wait();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// False from its end on, also before `wait`.
    [[nodiscard]] bool is_running() const noexcept;

private:
    struct stream {
        int descriptor = -1;
        std::string text;
    };

    void start(const std::vector<char*>& arguments, const std::vector<char*>& variables);
    void start_on_terminal(const std::vector<char*>& arguments, const std::vector<char*>& variables);
    void pump_until(const std::function<bool()>& done, std::string_view what);
    void read_some(stream& from);
    void write_some();
    std::string take_past(stream& from, std::string_view text);

    pid_t pid_ = -1;
    int pidfd_ = -1;
    int input_ = -1;
    bool end_of_input_ = false;
    bool exited_ = false;
    bool reaped_ = false;
    std::string queued_;
    stream out_;
    stream err_;
};

/// Runs the command to its end.
[[nodiscard]] ended run(const words& arguments, std::string_view input = {}, const program::environment& changes = {});

/// `echosocket serve` on a free port, with more arguments.
class served {
public:
    explicit served(words more = {}, const program::environment& changes = {});
    ~served();

    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    [[nodiscard]] program& process() noexcept { return process_; }
    [[nodiscard]] pid_t pid() const noexcept { return process_.pid(); }

    /// `echosocket call` to it.
    [[nodiscard]] ended call(const std::string& task, const std::string& data = {}) const;

    /// Asks the server itself until it runs a call, or none.
    void wait_for_running_call() const { wait_for_running_calls(1); }
    void wait_until_idle() const { wait_for_running_calls(0); }

private:
    void wait_for_running_calls(unsigned count) const;

    program process_;
    std::string address_;
};

}  // namespace echosocket::testing
