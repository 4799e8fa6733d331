#include "cli/keys.hpp"
#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <csignal>
#include <cstdlib>
#include <memory>

using namespace echosocket::testing;

namespace {

/// A server, and a repl on a pseudo-terminal with a history of its own.
struct repl_terminal {
    temporary_directory state;
    served server{{"--name", "Master"}};
    std::unique_ptr<program> repl = open();

    std::unique_ptr<program> open() const {
        return std::make_unique<program>(words{"repl", server.address()}, program::streams::terminal,
                                         program::environment{{"XDG_STATE_HOME", state.path().string()}});
    }

    void prompt() const { repl->read_past("Master> "); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(repl_command)

BOOST_AUTO_TEST_CASE(piped_lines_are_called_without_a_prompt) {
    const served server;
    const auto reply = run({"repl", server.address()}, "echo Hello  there\n\nsum [1,2]\n reverse abc");
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out == "Hello  there\n3\ncba\n");
    BOOST_TEST(reply.err == "");
}

BOOST_AUTO_TEST_CASE(a_file_works_as_input_too) {
    const served server;
    const temporary_directory where;
    const auto file = (where.path() / "lines").string();
    BOOST_REQUIRE(std::system(("printf 'echo one\\necho two\\n' > " + file).c_str()) == 0);
    const auto command = "'" ECHOSOCKET_COMMAND "' repl " + server.address() + " < " + file + " > " + file + ".out";
    BOOST_TEST(std::system(command.c_str()) == 0);
    BOOST_TEST(std::system(("test \"$(cat " + file + ".out)\" = \"$(printf 'one\\ntwo')\"").c_str()) == 0);
}

BOOST_AUTO_TEST_CASE(quit_ends_and_help_lists_the_tasks) {
    const served server;
    const auto reply = run({"repl", server.address()}, "help\nquit\necho never\n");
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out.find("reverse(string)") != std::string::npos);
    BOOST_TEST(reply.out.find("quit") != std::string::npos);
    BOOST_TEST(reply.out.find("never") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(piped_failures_are_told_and_decide_the_exit_code) {
    const served server;
    const auto reply = run({"repl", server.address()}, "draw hexagon\nrevrse x\necho after\n");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.out == "after\n");
    BOOST_TEST(reply.err.find("bad_request") != std::string::npos);
    BOOST_TEST(reply.err.find("did you mean 'reverse'?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(control_characters_of_a_reply_are_shown_escaped) {
    const served server;
    const auto reply = run({"repl", server.address()}, "echo a\x1b[2Jb\xff\n");
    BOOST_TEST(reply.out == "a\\x1b[2Jb\\xff\n");
}

BOOST_AUTO_TEST_CASE(a_piped_repl_whose_server_has_gone_ends_with_exit_code_2) {
    served server;
    program repl({"repl", server.address()});
    repl.type("echo hello\n");
    BOOST_TEST(repl.read_line() == "hello");
    server.process().signal(SIGKILL);
    server.process().wait();
    repl.read_error_past("was lost");
    repl.type("echo again\n");
    const auto end = repl.wait();
    BOOST_TEST(end.code == 2);
    BOOST_TEST(end.err.find("no server there") != std::string::npos, end.err);
}

BOOST_FIXTURE_TEST_CASE(a_line_on_a_terminal_is_called, repl_terminal) {
    prompt();
    repl->type("echo Grüße\n");
    repl->read_past("\nGrüße\r\n");
    prompt();
    repl->type("quit\n");
    BOOST_TEST(repl->wait().code == 0);
}

BOOST_FIXTURE_TEST_CASE(ctrl_d_ends, repl_terminal) {
    prompt();
    repl->type(end_of_input);
    BOOST_TEST(repl->wait().code == 0);
}

BOOST_FIXTURE_TEST_CASE(tab_completes_the_names_of_tasks, repl_terminal) {
    prompt();
    repl->type("rev\t");
    repl->read_past("erse ");
    repl->type("abc\n");
    repl->read_past("\ncba\r\n");
    prompt();
    repl->type("s\t");
    repl->read_past("sleep  sum");
}

BOOST_FIXTURE_TEST_CASE(arrow_up_brings_the_last_line_back, repl_terminal) {
    prompt();
    repl->type("echo first\n");
    repl->read_past("\nfirst\r\n");
    prompt();
    repl->type(std::string(up) + "\n");
    repl->read_past("\nfirst\r\n");
}

BOOST_FIXTURE_TEST_CASE(the_history_is_kept_for_the_next_time_and_for_this_user_only, repl_terminal) {
    prompt();
    repl->type("echo remembered\n");
    repl->read_past("\nremembered\r\n");
    prompt();
    repl->type("quit\n");
    BOOST_TEST(repl->wait().code == 0);
    struct stat file {};
    BOOST_REQUIRE(::stat((state.path() / "echosocket/history").c_str(), &file) == 0);
    BOOST_TEST((file.st_mode & 0777) == 0600u);
    repl = open();
    prompt();
    repl->type(std::string(up) + up + "\n");
    repl->read_past("\nremembered\r\n");
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_cancels_the_running_call_and_not_the_program, repl_terminal) {
    prompt();
    repl->type("sleep 60000\n");
    server.wait_for_running_call();
    repl->type(interrupt);
    repl->read_past("'sleep' was cancelled");
    prompt();
    server.wait_until_idle();
    repl->type("echo still here\n");
    repl->read_past("\nstill here\r\n");
}

BOOST_FIXTURE_TEST_CASE(ctrl_c_at_the_prompt_gives_up_the_line, repl_terminal) {
    prompt();
    repl->type("echo unwanted");
    repl->read_past("unwanted");
    repl->type(interrupt);
    repl->read_past("^C");
    prompt();
    repl->type("echo wanted\n");
    const auto shown = repl->read_past("\nwanted\r\n");
    BOOST_TEST(shown.find("unwanted") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_lost_server_is_told_at_the_prompt_and_met_again, repl_terminal) {
    const auto address = server.address();
    prompt();
    repl->type("ec");
    server.process().signal(SIGKILL);
    repl->read_past("was lost");
    repl->read_past("Master> ");
    repl->read_past("ec");
    server.process().wait();
    repl->type("ho x\n");
    repl->read_past("no server there");
    prompt();
    program again({"serve", address, "--name", "Master"});
    again.read_line();
    repl->type("echo back\n");
    repl->read_past("connected to " + address + " again");
    repl->read_past("\nback\r\n");
}

BOOST_FIXTURE_TEST_CASE(the_terminal_is_left_as_it_was_found, repl_terminal) {
    prompt();
    repl->type("sleep 60000\n");
    server.wait_for_running_call();
    repl->type("typed while waiting");
    repl->read_past("typed while waiting");  // echoed by a terminal in its normal mode
}

BOOST_AUTO_TEST_SUITE_END()
