#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace echosocket::testing;

namespace {

/// The process id that a program writes when it runs.
pid_t started(const fifo& told) {
    return std::stoi(told.read_line());
}

/// Waits for the process's end; returns false after a minute.
bool ends(pid_t pid) {
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) return errno == ESRCH;
    pollfd watched{handle, POLLIN, 0};
    const bool ended = ::poll(&watched, 1, 60'000) == 1;
    ::close(handle);
    return ended;
}

/// The children of a process, including those that ended and were not reaped.
std::string children_of(pid_t pid) {
    const auto id = std::to_string(pid);
    std::ifstream in("/proc/" + id + "/task/" + id + "/children");
    BOOST_REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A program that does not want to end, and two that it has started, of which one is in a session of its own.
struct family {
    served server{{"--allow-execute", "sh", "--drain-timeout", "10m"}};
    fifo told[3];
    program caller{{"call", server.address(), "execute",
                    "sh -c 'trap \"\" TERM; " + in_background("", told[1]) + in_background("setsid ", told[2]) +
                        "echo $$ > " + told[0].path() + "; while :; do sleep 1000; done'"}};
    const pid_t pids[3] = {started(told[0]), started(told[1]), started(told[2])};

    void all_end() const {
        for (const auto pid : pids) BOOST_TEST(ends(pid));
    }

private:
    static std::string in_background(const std::string& how, const fifo& tells) {
        return how + "sh -c \"echo \\$\\$ > " + tells.path() + "; exec sleep 1000\" & ";
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(execute_task)

BOOST_AUTO_TEST_CASE(nothing_runs_unless_the_operator_allows_it) {
    const served server;
    const auto reply = server.call("execute", "ls");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("not_allowed") != std::string::npos, reply.err);
    BOOST_TEST(reply.err.find("--allow-execute") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_CASE(only_what_is_named_runs) {
    const served server{{"--allow-execute", "echo", "--allow-execute", "/bin/cat"}};
    BOOST_TEST(server.call("execute", "echo hi").out == "hi\n");
    BOOST_TEST(server.call("execute", "/bin/cat /dev/null").code == 0);
    const auto other = server.call("execute", "ls /");
    BOOST_TEST(other.code == 1);
    BOOST_TEST(other.err.find("not_allowed: 'ls' is not allowed; allowed here: /bin/cat, echo") != std::string::npos,
               other.err);
    for (const auto* line : {"./echo hi", "../bin/echo hi", "/tmp/echo hi", "cat /dev/null"})
        BOOST_TEST(server.call("execute", line).err.find("not_allowed") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(no_shell_expands_anything) {
    const served server{{"--allow-execute", "echo"}};
    BOOST_TEST(server.call("execute", "echo $HOME * `ls` ; ls | cat > x").out == "$HOME * `ls` ; ls | cat > x\n");
    BOOST_TEST(server.call("execute", "echo 'a  b' \"c\\\"d\"").out == "a  b c\"d\n");
    BOOST_TEST(server.call("execute", R"(["echo", "a  b", "$x"])").out == "a  b $x\n");
}

BOOST_AUTO_TEST_CASE(a_line_that_makes_no_sense_is_a_bad_request) {
    const served server{{"--allow-execute", "echo"}};
    for (const auto* line : {"", "  ", "echo 'open", "[]", "[1]", "[\"echo\"", "\\\n"}) {
        const auto reply = server.call("execute", line);
        BOOST_TEST(reply.code == 1, line);
        BOOST_TEST(reply.err.find("bad_request") != std::string::npos, reply.err);
    }
}

BOOST_AUTO_TEST_CASE(standard_error_comes_with_the_output_and_input_is_empty) {
    const served server{{"--allow-execute", "sh"}};
    BOOST_TEST(server.call("execute", "sh -c 'echo out; echo err >&2; cat'").out == "out\nerr\n");
}

BOOST_AUTO_TEST_CASE(a_failed_program_tells_its_status_and_the_end_of_its_output) {
    const served server{{"--allow-execute", "sh"}};
    const auto reply = server.call("execute", "sh -c 'echo what went wrong; exit 7'");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("sh exited with status 7: what went wrong") != std::string::npos, reply.err);
    const auto killed = server.call("execute", "sh -c 'kill -9 $$'");
    BOOST_TEST(killed.err.find("signal 9") != std::string::npos, killed.err);
}

BOOST_AUTO_TEST_CASE(a_flood_of_output_is_cut_off) {
    const served server{{"--allow-execute", "yes"}};
    const auto reply = server.call("execute", "yes");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("message_too_large") != std::string::npos, reply.err);
    BOOST_TEST(reply.err.find("1 MiB") != std::string::npos, reply.err);
    BOOST_TEST(server.call("echo", "still here").out == "still here");
}

BOOST_AUTO_TEST_CASE(the_program_inherits_no_descriptor_of_the_server) {
    const served server{{"--allow-execute", "ls"}};
    BOOST_TEST(server.call("execute", "ls /proc/self/fd").out == "0\n1\n2\n3\n");  // 3 is the directory that ls reads
}

BOOST_AUTO_TEST_CASE(the_program_inherits_no_secret_of_the_server_s_environment) {
    program server({"serve", "127.0.0.1:0", "--allow-execute", "env"}, program::streams::pipes,
                   {{"HOME", "/nonexistent"}, {"LANG", "C"}, {"PATH", "/usr/bin:/bin"}, {"SECRET", "x"}});
    const auto address = server.read_line().substr(13);
    // In two brackets, so that a failure does not print this program's environment.
    BOOST_TEST((run({"call", address, "execute", "env"}).out == "PATH=/usr/bin:/bin\nHOME=/nonexistent\nLANG=C\n"));
}

BOOST_AUTO_TEST_CASE(a_program_that_can_not_be_started_is_told) {
    const temporary_directory where;
    const auto script = where.path() / "script";
    std::ofstream(script) << "#!/nonexistent/interpreter\n";
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    const served server{{"--allow-execute", script.string()}};
    const auto reply = server.call("execute", script.string());
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("could not be started: No such file or directory") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_CASE(what_a_program_leaves_behind_is_ended_and_does_not_hold_up_the_reply) {
    const served server{{"--allow-execute", "sh"}};
    const auto reply = server.call("execute", "sh -c 'sleep 1000 & echo $!'");
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(ends(std::stoi(reply.out)));
}

BOOST_AUTO_TEST_CASE(so_is_what_it_leaves_in_a_session_of_its_own) {
    const served server{{"--allow-execute", "sh"}};
    const fifo told;
    const auto reply = server.call("execute", "sh -c 'setsid sh -c \"echo \\$\\$ > " + told.path() +
                                                  "; exec sleep 1000\" & cat " + told.path() + "'");
    BOOST_REQUIRE(reply.code == 0);
    BOOST_TEST(ends(std::stoi(reply.out)));
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_program_and_all_it_started) {
    const fifo parent;
    const fifo child;
    served server{{"--allow-execute", "sh"}};
    program caller({"call", "--timeout", "3s", server.address(), "execute",
                    "sh -c 'sh -c \"echo \\$\\$ > " + child.path() + "; exec sleep 1000\" & echo $$ > " +
                        parent.path() + "; wait'"});
    const auto first = started(parent);
    const auto second = started(child);
    BOOST_TEST(caller.wait().code == 3);
    BOOST_TEST(ends(first));
    BOOST_TEST(ends(second));
    server.wait_until_idle();
    BOOST_TEST(children_of(server.process().pid()) == "");
}

BOOST_AUTO_TEST_CASE(a_caller_that_goes_away_ends_the_program) {
    const fifo running;
    served server{{"--allow-execute", "sh"}};
    program caller({"call", server.address(), "execute", "sh -c 'echo $$ > " + running.path() + "; exec sleep 1000'"});
    const auto pid = started(running);
    const auto supervisor = children_of(server.process().pid());
    BOOST_TEST(children_of(std::stoi(supervisor)) == std::to_string(pid) + ' ');
    caller.signal(SIGKILL);
    caller.wait();
    BOOST_TEST(ends(pid));
    server.wait_until_idle();
    BOOST_TEST(children_of(server.process().pid()) == "");
    BOOST_TEST(ends(std::stoi(supervisor)));
}

BOOST_AUTO_TEST_CASE(a_program_that_ignores_the_request_to_end_is_killed) {
    const fifo running;
    served server{{"--allow-execute", "sh", "--drain-timeout", "10ms"}};
    program caller({"call", server.address(), "execute",
                    "sh -c 'trap \"\" TERM; echo $$ > " + running.path() + "; while :; do sleep 1000; done'"});
    const auto pid = started(running);
    server.process().signal(SIGTERM);
    BOOST_TEST(server.process().wait().code == 0);
    BOOST_TEST(ends(pid));
    BOOST_TEST(caller.wait().code != 0);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_killed_leaves_no_program) {
    family programs;
    programs.server.process().signal(SIGKILL);
    BOOST_TEST(programs.server.process().wait().code == 128 + SIGKILL);
    programs.all_end();
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_at_once_leaves_no_program) {
    family programs;
    programs.server.process().signal(SIGTERM);
    programs.server.process().read_error_past("a second signal ends at once");
    programs.server.process().signal(SIGTERM);
    BOOST_TEST(programs.server.process().wait().code == 128 + SIGTERM);
    programs.all_end();
}

BOOST_AUTO_TEST_CASE(a_program_whose_supervisor_is_killed_ends_and_its_call_fails) {
    const fifo running;
    served server{{"--allow-execute", "sh"}};
    program caller({"call", server.address(), "execute", "sh -c 'echo $$ > " + running.path() + "; exec sleep 1000'"});
    const auto pid = started(running);
    BOOST_REQUIRE(::kill(std::stoi(children_of(server.process().pid())), SIGKILL) == 0);
    BOOST_TEST(ends(pid));
    const auto reply = caller.wait();
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("signal 9") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_SUITE_END()
