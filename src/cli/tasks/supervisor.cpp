#include "cli/tasks/supervisor.hpp"

#include "cli/tasks/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace echosocket::cli {

namespace {

void tell_end(const supervised_end& how) {
    static_cast<void>(::send(supervisor_line, &how, sizeof how, MSG_NOSIGNAL));
}

/// What a program may know of the server's environment, which may hold secrets.
std::vector<std::string> clean_environment() {
    std::vector<std::string> kept;
    const char* path = std::getenv("PATH");
    kept.push_back(std::string("PATH=") + (path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"));
    for (const char* name : {"HOME", "LANG"})
        if (const char* value = std::getenv(name)) kept.push_back(std::string(name) + '=' + value);
    return kept;
}

/// Never returns.
void become(const char* path, char** words, pid_t supervisor) {
    ::setpgid(0, 0);
    // For a supervisor that is killed. This signal comes when the thread ends that started the program: in the server
    // that could be any, the supervisor has but one.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor) ::_exit(127);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    auto environment = clean_environment();
    std::vector<char*> variables;
    for (auto& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    ::execve(path, words, variables.data());
    tell_end({false, errno});
    ::_exit(127);
}

/// Of this process, which is the parent of every descendant whose own parent has ended. If one ends while this looks,
/// others may be missing.
std::vector<pid_t> children() {
    std::ifstream list("/proc/thread-self/children");
    std::vector<pid_t> all;
    for (pid_t one = 0; list >> one;) all.push_back(one);
    return all;
}

/// Kills the program and all that it has started, and waits for their ends. Returns the program's status.
int kill_all(pid_t program) {
    // Unreaped, so that no other process or group can have its number.
    ::kill(program, SIGKILL);
    ::kill(-program, SIGKILL);
    int status = 0;
    while (::waitpid(program, &status, 0) < 0 && errno == EINTR) {
    }
    // What a child leaves is a child of this process before its end is told. One that was missing from the list is in
    // the next, since that another ended meanwhile is still to be told. What runs as another user can't be killed.
    const auto killed = [](pid_t child) { return ::kill(child, SIGKILL) == 0; };
    for (;;) {
        const auto left = children();
        if (std::ranges::count_if(left, killed) == 0) return status;
        while (::waitpid(-1, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

/// Reaps others that have ended, and leaves the program.
bool has_ended(pid_t program) {
    for (;;) {
        siginfo_t who{};
        if (::waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) != 0 || who.si_pid == 0) return false;
        if (who.si_pid == program) return true;
        ::waitpid(who.si_pid, nullptr, 0);
    }
}

/// Returns false at the end of the line.
bool follow_order(pid_t program) {
    char order = 0;
    const auto got = ::recv(supervisor_line, &order, 1, MSG_DONTWAIT);
    if (got == 1 && order == ask_to_end) ::kill(-program, SIGTERM);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void watch(pid_t program, int ends) {
    for (;;) {
        pollfd watched[] = {{supervisor_line, POLLIN, 0}, {ends, POLLIN, 0}};
        if (::poll(watched, 2, -1) < 0) continue;
        signalfd_siginfo signal;
        if (watched[1].revents != 0 && ::read(ends, &signal, sizeof signal) > 0 && has_ended(program)) return;
        if (watched[0].revents != 0 && !follow_order(program)) return;
    }
}

}  // namespace

int supervise(const char* path, char** words) {
    ::fcntl(supervisor_line, F_SETFD, FD_CLOEXEC);
    // Whoever ends all processes of a service, or of a terminal, means the programs too: they are ended by this one.
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE}) std::signal(number, SIG_IGN);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t ends;
    ::sigemptyset(&ends);
    ::sigaddset(&ends, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &ends, nullptr);
    const descriptor ended(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
    const pid_t self = ::getpid();
    const pid_t program = ended ? ::fork() : -1;
    if (program == 0) become(path, words, self);
    if (program < 0) {
        tell_end({false, errno});
        return 1;
    }
    ::setpgid(program, program);
    // Or the end of the program's output would not be seen before the end of this process.
    ::dup2(STDIN_FILENO, STDOUT_FILENO);
    ::dup2(STDIN_FILENO, STDERR_FILENO);
    watch(program, ended.get());
    tell_end({true, kill_all(program)});
    return 0;
}

}  // namespace echosocket::cli
