#include "cli/tasks/child_process.hpp"

#include "cli/use_result.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace echosocket::cli {

namespace {

using boost::system::error_code;

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

    int write_to(int pipe) {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, pipe, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, pipe, STDERR_FILENO);
        // Asio's sockets are not close-on-exec: without this the program would inherit the server's connections.
        return posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
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

int spawn(const std::string& path, const std::vector<std::string>& words, int output, pid_t& pid) {
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    spawn_setup setup;
    if (const int error = setup.write_to(output)) return error;
    setup.be_a_group_without_our_signals();
    return posix_spawn(&pid, path.c_str(), &setup.actions, &setup.attributes, arguments.data(), environ);
}

failure not_started(const std::string& path, int error) {
    return {errc::task_failed, path + " could not be started: " + std::strerror(error)};
}

}  // namespace

result<std::unique_ptr<child_process>> child_process::start(asio::any_io_executor executor, const std::string& path,
                                                            const std::vector<std::string>& words) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return not_started(path, errno);
    pid_t pid = 0;
    const int error = spawn(path, words, ends[1], pid);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        return not_started(path, error);
    }
    // From here on the destructor ends the process.
    std::unique_ptr<child_process> child(new child_process(executor, pid));
    child->output_.assign(ends[0]);
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) return not_started(path, errno);
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
    // The program has not been reaped, so no other group can have its number yet.
    kill();
}

asio::awaitable<void> child_process::terminate(std::chrono::milliseconds grace) {
    using namespace asio::experimental::awaitable_operators;
    signal(SIGTERM);
    asio::steady_timer patience(ended_.get_executor(), grace);
    auto first = co_await (wait_for_end() || patience.async_wait(use_result));
    if (first.index() == 0) co_return;
    kill();
    co_await wait_for_end();
}

void child_process::kill() noexcept {
    signal(SIGKILL);
}

void child_process::signal(int number) noexcept {
    if (!reaped_) ::kill(-pid_, number);
}

exit_status child_process::reap() noexcept {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
    return {false, WEXITSTATUS(status)};
}

}  // namespace echosocket::cli
