#include "support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace echosocket::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds program_patience{60};

int milliseconds_of(std::chrono::milliseconds length) {
    return static_cast<int>(length.count());
}

void close(int& descriptor) {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    return ends;
}

std::vector<char*> pointers(words& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

words environment_with(program::environment changes) {
    changes.try_emplace("TERM", "xterm");
    changes.try_emplace("XDG_STATE_HOME", "");
    changes.try_emplace("HOME", "");
    words variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text(*variable);
        if (!changes.contains(text.substr(0, text.find('=')))) variables.push_back(text);
    }
    for (const auto& [name, value] : changes) variables.push_back(name + '=' + value);
    return variables;
}

}  // namespace

temporary_directory::temporary_directory() {
    auto name = (fs::temp_directory_path() / "echosocket-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
}

temporary_directory::~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::vector<std::string> temporary_directory::names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(path_)) all.push_back(entry.path().filename().string());
    std::ranges::sort(all);
    return all;
}

fifo::fifo() {
    if (::mkfifo(path().c_str(), 0600) != 0) throw std::runtime_error("mkfifo failed");
}

std::string fifo::read_line() const {
    int descriptor = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    pollfd watched{descriptor, POLLIN, 0};
    std::string line;
    char byte = 0;
    while (!line.ends_with('\n') && ::poll(&watched, 1, milliseconds_of(program_patience)) == 1 &&
           ::read(descriptor, &byte, 1) == 1)
        line += byte;
    close(descriptor);
    if (!line.ends_with('\n')) throw std::runtime_error("no program wrote a line");
    line.pop_back();
    return line;
}

void fifo::write_line() const {
    std::ofstream(path()) << '\n';
}

program::program(const words& arguments, streams kind, const environment& changes) {
    // A program that has ended takes no more input, which must not end the tests.
    std::signal(SIGPIPE, SIG_IGN);
    words all{ECHOSOCKET_COMMAND};
    all.insert(all.end(), arguments.begin(), arguments.end());
    auto variables = environment_with(changes);
    if (kind == streams::pipes) {
        start(pointers(all), pointers(variables));
    } else {
        start_on_terminal(pointers(all), pointers(variables));
    }
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    ::fcntl(input_, F_SETFL, ::fcntl(input_, F_GETFL) | O_NONBLOCK);
}

program::~program() {
    if (!reaped_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    close(input_);
    close(out_.descriptor);
    close(err_.descriptor);
    close(pidfd_);
}

void program::start(const std::vector<char*>& arguments, const std::vector<char*>& variables) {
    auto in = make_pipe();
    auto out = make_pipe();
    auto err = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    // What the tests themselves were started with and may have left open would count as the program's.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t ordinary;
    sigemptyset(&ordinary);
    sigaddset(&ordinary, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &ordinary);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    const int error = posix_spawn(&pid_, arguments[0], &actions, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    input_ = in[1];
    out_.descriptor = out[0];
    err_.descriptor = err[0];
    if (error != 0) throw std::runtime_error(std::string(arguments[0]) + " could not be started");
}

void program::start_on_terminal(const std::vector<char*>& arguments, const std::vector<char*>& variables) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = 120;
    int terminal = -1;
    pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::runtime_error("forkpty failed");
    if (pid_ == 0) {
        std::signal(SIGPIPE, SIG_DFL);
        ::execve(arguments[0], arguments.data(), variables.data());
        ::_exit(127);
    }
    out_.descriptor = terminal;
    input_ = ::fcntl(terminal, F_DUPFD_CLOEXEC, 0);
}

void program::type(std::string_view text) {
    queued_ += text;
    write_some();
}

void program::end_input() {
    end_of_input_ = true;
    if (queued_.empty()) close(input_);
}

void program::signal(int number) const {
    ::kill(pid_, number);
}

bool program::is_running() const noexcept {
    siginfo_t found{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &found, WEXITED | WNOHANG | WNOWAIT) == 0 && found.si_pid == 0;
}

void program::close_output() {
    close(out_.descriptor);
}

void program::read_some(stream& from) {
    std::array<char, 64 * 1024> chunk;
    const auto bytes = ::read(from.descriptor, chunk.data(), chunk.size());
    if (bytes > 0) from.text.append(chunk.data(), static_cast<std::size_t>(bytes));
    // Reading a pseudo-terminal whose other end is closed fails with EIO.
    if (bytes == 0 || (bytes < 0 && errno != EINTR && errno != EAGAIN)) close(from.descriptor);
}

void program::write_some() {
    if (input_ < 0) return queued_.clear();
    const auto bytes = ::write(input_, queued_.data(), queued_.size());
    if (bytes > 0) queued_.erase(0, static_cast<std::size_t>(bytes));
    const bool broken = bytes < 0 && errno != EINTR && errno != EAGAIN;
    if (broken) queued_.clear();
    if (broken || (queued_.empty() && end_of_input_)) close(input_);
}

void program::pump_until(const std::function<bool()>& done, std::string_view what) {
    const auto end = std::chrono::steady_clock::now() + program_patience;
    while (!done()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        std::array<pollfd, 4> watched{{{out_.descriptor, POLLIN, 0},
                                       {err_.descriptor, POLLIN, 0},
                                       {queued_.empty() ? -1 : input_, POLLOUT, 0},
                                       {exited_ ? -1 : pidfd_, POLLIN, 0}}};
        const bool nothing_open = std::ranges::all_of(watched, [](const pollfd& one) { return one.fd < 0; });
        if (left.count() <= 0 || nothing_open)
            throw std::runtime_error("waited in vain for " + std::string(what) + "; standard output: " + out_.text +
                                     "\nstandard error: " + err_.text);
        ::poll(watched.data(), watched.size(), milliseconds_of(left));
        if (watched[0].revents != 0) read_some(out_);
        if (watched[1].revents != 0) read_some(err_);
        if (watched[2].revents != 0) write_some();
        if (watched[3].revents != 0) exited_ = true;
    }
}

std::string program::take_past(stream& from, std::string_view text) {
    pump_until([&] { return from.text.find(text) != std::string::npos; }, text);
    const auto end = from.text.find(text) + text.size();
    auto taken = from.text.substr(0, end);
    from.text.erase(0, end);
    return taken;
}

std::string program::read_past(std::string_view text) {
    return take_past(out_, text);
}

std::string program::read_error_past(std::string_view text) {
    return take_past(err_, text);
}

std::string program::read_line() {
    auto line = read_past("\n");
    line.pop_back();
    return line;
}

ended program::wait() {
    // A program that keeps its standard streams open for its own children would not let them end.
    pump_until([&] { return exited_ && out_.descriptor < 0 && err_.descriptor < 0; }, "the end");
    int status = 0;
    ::waitpid(pid_, &status, 0);
    reaped_ = true;
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return {code, std::exchange(out_.text, {}), std::exchange(err_.text, {})};
}

ended run(const words& arguments, std::string_view input, const program::environment& changes) {
    program running(arguments, program::streams::pipes, changes);
    running.type(input);
    running.end_input();
    return running.wait();
}

namespace {

words serve_arguments(words more) {
    more.insert(more.begin(), {"serve", "127.0.0.1:0"});
    return more;
}

}  // namespace

served::served(words more, const program::environment& changes)
    : process_(serve_arguments(std::move(more)), program::streams::pipes, changes) {
    constexpr std::string_view prefix = "listening on ";
    const auto line = process_.read_line();
    if (!line.starts_with(prefix)) throw std::runtime_error("serve printed: " + line);
    address_ = line.substr(prefix.size());
}

served::~served() = default;

ended served::call(const std::string& task, const std::string& data) const {
    return run({"call", address_, task, data});
}

void served::wait_for_running_calls(unsigned count) const {
    // The question itself is a running call too.
    const auto wanted = "\"running_calls\":" + std::to_string(count + 1) + ",";
    const auto end = std::chrono::steady_clock::now() + program_patience;
    while (run({"stats", "--json", address_}).out.find(wanted) == std::string::npos)
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain for " + wanted);
}

}  // namespace echosocket::testing
