#include "cli/tasks/child_process.hpp"

#include "cli/tasks/supervisor.hpp"
#include "cli/use_result.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace echosocket::cli {

namespace {

using boost::system::error_code;

/// ms for a supervisor to kill everything. It takes a moment, unless the program has stopped it, or the machine stalls.
constexpr std::chrono::milliseconds killing_time{5'000};

constexpr const char* this_program = "/proc/self/exe";

class spawn_setup {
public:
    spawn_setup() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    spawn_setup(const spawn_setup&) = delete;
    spawn_setup& operator=(const spawn_setup&) = delete;
    ~spawn_setup() {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }

    int hand_over(int output, int line) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&actions, line, supervisor_line);
        // Asio's sockets are not close-on-exec: without this the program would inherit the server's connections.
        return posix_spawn_file_actions_addclosefrom_np(&actions, supervisor_line + 1);
    }

    void be_a_group_without_our_signals() {
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

int spawn(std::vector<std::string> words, int output, int line, pid_t& pid) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    spawn_setup setup;
    if (const int error = setup.hand_over(output, line)) return error;
    setup.be_a_group_without_our_signals();
    return posix_spawn(&pid, this_program, &setup.actions, &setup.attributes, arguments.data(), environ);
}

std::vector<std::string> supervised(const std::string& path, const std::vector<std::string>& words) {
    std::vector<std::string> all{"echosocket", std::string(supervise_word), path};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

failure no_supervisor(int error) {
    return {errc::task_failed, std::string("no supervisor could be started for the program: ") + std::strerror(error)};
}

}  // namespace

result<std::unique_ptr<child_process>> child_process::start(asio::any_io_executor executor, const std::string& path,
                                                            const std::vector<std::string>& words) {
    int pipe[2];
    int line[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return no_supervisor(errno);
    descriptor output(pipe[0]);
    const descriptor written(pipe[1]);
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) return no_supervisor(errno);
    descriptor ours(line[0]);
    const descriptor theirs(line[1]);
    pid_t pid = 0;
    if (const int error = spawn(supervised(path, words), written.get(), theirs.get(), pid)) return no_supervisor(error);
    // From here on the destructor ends the process.
    std::unique_ptr<child_process> child(new child_process(executor, pid, std::move(ours)));
    child->output_.assign(output.release());
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) return no_supervisor(errno);
    child->ended_.assign(handle);
    return child;
}

child_process::~child_process() {
    if (reaped_) return;
    kill();
    static_cast<void>(reap());
}

asio::awaitable<std::size_t> child_process::read_output(asio::mutable_buffer into) {
    const auto [error, bytes] = co_await output_.async_read_some(into, use_result);
    if (error == asio::error::eof) co_return 0;
    if (error) throw boost::system::system_error(error);
    co_return bytes;
}

asio::awaitable<void> child_process::wait_for_end() {
    co_await ended_.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
}

asio::awaitable<bool> child_process::ends_within(std::chrono::milliseconds patience) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(ended_.get_executor(), patience);
    auto either = wait_for_end() || timer.async_wait(use_result);
    const auto first = co_await std::move(either);
    co_return first.index() == 0;
}

asio::awaitable<void> child_process::terminate(std::chrono::milliseconds grace) {
    static_cast<void>(::send(line_.get(), &ask_to_end, 1, MSG_NOSIGNAL | MSG_DONTWAIT));
    bool ended = co_await ends_within(grace);
    if (!ended) {
        kill();
        ended = co_await ends_within(killing_time);
    }
    // The program goes with its supervisor; what else it started can't be found any more.
    if (!ended) ::kill(supervisor_, SIGKILL);
    co_await wait_for_end();
}

void child_process::kill() noexcept {
    ::shutdown(line_.get(), SHUT_WR);
}

exit_status child_process::reap() noexcept {
    int status = 0;
    while (::waitpid(supervisor_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    supervised_end told{true, status};  // somebody killed the supervisor, if it has told nothing
    const auto got = ::recv(line_.get(), &told, sizeof told, MSG_DONTWAIT);
    if (got == sizeof told) status = told.value;
    if (!told.started) return {exit_status::kind::not_started, told.value};
    if (WIFSIGNALED(status)) return {exit_status::kind::signalled, WTERMSIG(status)};
    return {exit_status::kind::exited, WEXITSTATUS(status)};
}

}  // namespace echosocket::cli
