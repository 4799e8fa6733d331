#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>

using namespace echosocket::testing;

BOOST_AUTO_TEST_SUITE(serve_command)

BOOST_AUTO_TEST_CASE(every_address_is_printed_with_its_real_port) {
    const temporary_directory where;
    const auto path = "unix:" + (where.path() / "s").string();
    program server({"serve", "127.0.0.1:0", path, "[::1]:0"});
    const auto first = server.read_line();
    BOOST_TEST(first.starts_with("listening on 127.0.0.1:"));
    BOOST_TEST(!first.ends_with(":0"));
    BOOST_TEST(server.read_line() == "listening on " + path);
    const auto third = server.read_line();
    BOOST_TEST(third.starts_with("listening on [::1]:"));
    for (const auto& address : {first.substr(13), path, third.substr(13)})
        BOOST_TEST(run({"call", address, "echo", "hi"}).out == "hi");
}

BOOST_AUTO_TEST_CASE(port_is_short_for_the_loopback_address) {
    program server({"serve", "--port", "0"});
    BOOST_TEST(server.read_line().starts_with("listening on 127.0.0.1:"));
}

BOOST_AUTO_TEST_CASE(a_signal_stops_it_gracefully_with_a_report) {
    for (const int signal : {SIGINT, SIGTERM}) {
        served server;
        server.process().signal(signal);
        const auto end = server.process().wait();
        BOOST_TEST(end.code == 0);
        BOOST_TEST(end.out.starts_with("stopped in "));
        BOOST_TEST(end.out.find("0 calls drained, 0 cancelled") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_running_call_may_finish_during_the_drain) {
    const fifo started;
    const fifo go_on;
    served server{{"--allow-execute", "sh"}};
    program caller({"call", server.address(), "execute",
                    "sh -c 'echo > " + started.path() + "; cat " + go_on.path() + "; echo finished'"});
    (void)started.read_line();
    server.process().signal(SIGTERM);
    server.process().read_error_past("stopping");
    go_on.write_line();
    const auto end = server.process().wait();
    BOOST_TEST(end.code == 0);
    BOOST_TEST(end.out.find("1 call drained, 0 cancelled") != std::string::npos, end.out);
    const auto reply = caller.wait();
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out == "\nfinished\n");
}

BOOST_AUTO_TEST_CASE(a_call_that_outlasts_the_drain_is_cancelled) {
    served server{{"--drain-timeout", "50ms"}};
    program caller({"call", server.address(), "sleep", "60000"});
    server.wait_for_running_call();
    server.process().signal(SIGTERM);
    const auto end = server.process().wait();
    BOOST_TEST(end.code == 0);
    BOOST_TEST(end.out.find("0 calls drained, 1 cancelled") != std::string::npos, end.out);
    const auto reply = caller.wait();
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("cancelled") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_CASE(a_second_signal_ends_it_at_once) {
    for (const int second : {SIGINT, SIGTERM}) {
        served server{{"--drain-timeout", "10m"}};
        program caller({"call", server.address(), "sleep", "60000"});
        server.wait_for_running_call();
        server.process().signal(SIGINT);
        server.process().read_error_past("a second signal ends at once");
        server.process().signal(second);
        BOOST_TEST(server.process().wait().code == 128 + second);
        BOOST_TEST(caller.wait().code != 0);
    }
}

BOOST_AUTO_TEST_CASE(an_address_in_use_is_exit_code_2_and_a_sentence) {
    const served first;
    const auto second = run({"serve", first.address()});
    BOOST_TEST(second.code == 2);
    BOOST_TEST(second.out == "");
    BOOST_TEST(second.err.find(first.address()) != std::string::npos, second.err);
}

BOOST_AUTO_TEST_CASE(name_and_fallback_answer_unknown_tasks) {
    const served server{{"--name", "Master", "--fallback"}};
    BOOST_TEST(server.call("anything", "Hello").out == "Master received: Hello");
    BOOST_TEST(server.call("echo", "Hello").out == "Hello");
}

BOOST_AUTO_TEST_CASE(a_client_stops_it_only_where_that_is_allowed) {
    const served closed;
    const auto refused = closed.call("$stop");
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(refused.err.find("not_allowed") != std::string::npos, refused.err);
    served open{{"--allow-stop"}};
    BOOST_TEST(open.call("$stop").code == 0);
    BOOST_TEST(open.process().wait().code == 0);
}

BOOST_AUTO_TEST_CASE(several_threads_serve_and_stop) {
    served server{{"--threads", "4"}};
    std::vector<std::unique_ptr<program>> callers;
    for (int i = 0; i < 4; ++i)
        callers.push_back(std::make_unique<program>(words{"call", server.address(), "sleep", "20"}));
    for (auto& caller : callers) BOOST_TEST(caller->wait().code == 0);
    server.process().signal(SIGTERM);
    BOOST_TEST(server.process().wait().code == 0);
}

BOOST_AUTO_TEST_CASE(connections_above_the_limit_are_turned_away) {
    const served server{{"--max-connections", "1"}};
    program first({"repl", server.address()});
    first.type("echo hello\n");
    BOOST_TEST(first.read_line() == "hello");
    const auto second = server.call("echo", "x");
    BOOST_TEST(second.code == 2);
    BOOST_TEST(second.err.find("turned the connection away") != std::string::npos, second.err);
}

BOOST_AUTO_TEST_CASE(quiet_and_verbose_choose_what_is_logged) {
    served quiet{{"--quiet"}};
    BOOST_TEST(quiet.call("echo", "x").code == 0);
    quiet.process().signal(SIGTERM);
    BOOST_TEST(quiet.process().wait().err.find("debug:") == std::string::npos);
    served verbose{{"--verbose"}};
    BOOST_TEST(verbose.call("echo", "x").code == 0);
    verbose.process().signal(SIGTERM);
    BOOST_TEST(verbose.process().wait().err.find("echosocket: ") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
