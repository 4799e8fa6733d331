#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <chrono>
#include <csignal>

using namespace echosocket::testing;
using namespace std::string_literals;

namespace {

boost::json::object parsed(const std::string& line) {
    BOOST_REQUIRE_MESSAGE(line.ends_with('\n') && line.find('\n') == line.size() - 1, "no single line: " << line);
    return boost::json::parse(line).as_object();
}

std::string code_in(const boost::json::object& report) {
    return std::string(report.at("error").at("code").as_string());
}

/// A port that refuses connections: bound, so that no other program takes it, but not listening.
class closed_port {
public:
    closed_port() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    closed_port(const closed_port&) = delete;
    closed_port& operator=(const closed_port&) = delete;
    ~closed_port() { ::close(descriptor_); }

    void listen() const { ::listen(descriptor_, 8); }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    int descriptor_;
    int port_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(call_command)

BOOST_AUTO_TEST_CASE(the_reply_is_printed_as_it_came_with_nothing_added) {
    const served server;
    const auto reply = server.call("echo", "Hello, EchoSocket");
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out == "Hello, EchoSocket");
    BOOST_TEST(reply.err == "");
}

BOOST_AUTO_TEST_CASE(the_small_tasks_answer) {
    const served server;
    BOOST_TEST(server.call("reverse", "grün 😀").out == "😀 nürg");
    BOOST_TEST(server.call("upper", "grün, straße, ωμέγα").out == "GRÜN, STRAßE, ΩΜΈΓΑ");
    BOOST_TEST(server.call("sum", "[1, 2, 3]").out == "6");
    BOOST_TEST(server.call("sum", "[1, 2, 3.5]").out == "6.5");
    BOOST_TEST(server.call("sum", "7").out == "7");
    BOOST_TEST(server.call("sum").out == "0");
    // How long it really was, which is 1 on a busy machine.
    const auto slept = server.call("sleep", "0").out;
    BOOST_TEST((!slept.empty() && slept.find_first_not_of("0123456789") == std::string::npos), slept);
    BOOST_TEST(server.call("draw", "circle").out.find("<circle") != std::string::npos);
    const auto time = server.call("time").out;
    BOOST_TEST(time.size() == "2024-02-29T12:34:56.789Z"s.size());
    BOOST_TEST(time.starts_with("20"));
    BOOST_TEST(time.ends_with("Z"));
}

BOOST_AUTO_TEST_CASE(arguments_that_do_not_fit_fail_with_exit_code_1_and_say_why) {
    const served server;
    const auto shape = server.call("draw", "hexagon");
    BOOST_TEST(shape.code == 1);
    BOOST_TEST(shape.out == "");
    BOOST_TEST(shape.err.find("bad_request") != std::string::npos);
    BOOST_TEST(shape.err.find("square, circle, triangle") != std::string::npos);
    BOOST_TEST(server.call("sum", R"(["one"])").code == 1);
    BOOST_TEST(server.call("sleep", "soon").code == 1);
    BOOST_TEST(server.call("sleep", "-5").code == 1);
    BOOST_TEST(server.call("reverse", "\xff").code == 1);
    BOOST_TEST(server.call("upper", "\xff").code == 1);
}

BOOST_AUTO_TEST_CASE(bytes_of_any_kind_come_back_through_the_pipes) {
    const served server;
    std::string bytes;
    for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i * 7 % 256);
    const auto reply = run({"call", server.address(), "echo", "-"}, bytes);
    BOOST_TEST(reply.code == 0);
    BOOST_TEST((reply.out == bytes));
    const auto nothing = run({"call", server.address(), "echo", "-"});
    BOOST_TEST(nothing.code == 0);
    BOOST_TEST(nothing.out == "");
}

BOOST_AUTO_TEST_CASE(data_that_looks_like_something_else_travels_as_it_stands) {
    const served server;
    for (const auto* data :
         {"list", "serve", "[1,2]", "{\"a\":1}", "a\nb", "", " ", "'quoted'", "%s", "/h", "-5", "-.5"})
        BOOST_TEST(server.call("echo", data).out == data);
    BOOST_TEST(run({"call", server.address(), "echo", "--", "--json"}).out == "--json");
}

BOOST_AUTO_TEST_CASE(json_reports_text_json_and_bytes) {
    const served server;
    const auto text = parsed(run({"call", "--json", server.address(), "echo", "a \"b\""}).out);
    BOOST_TEST(text.at("ok").as_bool());
    BOOST_TEST(text.at("reply").as_string() == "a \"b\"");
    BOOST_TEST(text.at("ms").to_number<double>() > 0);
    const auto number = parsed(run({"call", "--json", server.address(), "sum", "[1, 2]"}).out);
    BOOST_TEST(number.at("reply").to_number<double>() == 3);
    const auto bytes = parsed(run({"call", server.address(), "echo", "\xff\xfe", "--json"}).out);
    BOOST_TEST(bytes.at("reply_base64").as_string() == "//4=");
    BOOST_TEST(!bytes.contains("reply"));
}

BOOST_AUTO_TEST_CASE(json_reports_numbers_with_the_digits_that_came) {
    const served server;
    BOOST_TEST(server.call("sum", "946.3732872479507").out == "946.3732872479507");
    const auto reply = run({"call", "--json", server.address(), "sum", "946.3732872479507"}).out;
    BOOST_TEST(reply.find("\"reply\":946.3732872479507,") != std::string::npos, reply);
}

BOOST_AUTO_TEST_CASE(json_reports_a_failed_task_and_keeps_the_exit_code) {
    const served server;
    const auto reply = run({"call", "--json", server.address(), "draw", "hexagon"});
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err == "");
    const auto report = parsed(reply.out);
    BOOST_TEST(!report.at("ok").as_bool());
    BOOST_TEST(code_in(report) == "bad_request");
    BOOST_TEST(report.at("error").at("detail").is_string());
    BOOST_TEST(report.at("error").at("retryable").is_bool());
    BOOST_TEST(report.at("error").at("started").is_bool());
}

BOOST_AUTO_TEST_CASE(a_typo_in_a_task_name_suggests_the_nearest) {
    const served server;
    const auto typo = server.call("revrse", "x");
    BOOST_TEST(typo.code == 1);
    BOOST_TEST(typo.err == "echosocket: no task 'revrse'; did you mean 'reverse'?\n");
    const auto report = parsed(run({"call", "--json", server.address(), "revrse"}).out);
    BOOST_TEST(code_in(report) == "unknown_task");
    BOOST_TEST(report.at("error").at("did_you_mean").as_string() == "reverse");
    const auto far = server.call("frobnicate");
    BOOST_TEST(far.code == 1);
    BOOST_TEST(far.err ==
               "echosocket: no task 'frobnicate'; `echosocket list " + server.address() + "` shows what there is\n");
}

BOOST_AUTO_TEST_CASE(a_hostile_task_name_does_not_reach_the_terminal_as_it_is) {
    const served server;
    const auto reply = server.call("\x1b[2Jevil");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_a_server_one_sentence_and_exit_code_2) {
    const closed_port nobody;
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = run({"call", "--timeout", "20s", nobody.address(), "echo", "x"});
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(20)));
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.out == "");
    BOOST_TEST(reply.err.starts_with("echosocket: no server there: "));
    BOOST_TEST(reply.err.find(nobody.address()) != std::string::npos);
    BOOST_TEST(reply.err.find('\n') == reply.err.size() - 1);
    const auto json = run({"call", "--json", nobody.address(), "echo", "x"});
    BOOST_TEST(json.code == 2);
    BOOST_TEST(code_in(parsed(json.out)) == "connect_failed");
}

BOOST_AUTO_TEST_CASE(a_missing_unix_socket_is_no_server_either) {
    const temporary_directory where;
    const auto reply = run({"call", "unix:" + (where.path() / "none").string(), "echo"});
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err.starts_with("echosocket: no server there: "));
}

BOOST_AUTO_TEST_CASE(a_listener_that_never_answers_is_given_up_within_the_timeout) {
    const closed_port silent;
    silent.listen();
    const auto reply = run({"call", "--timeout", "150ms", silent.address(), "echo", "x"});
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err == "echosocket: no answer from " + silent.address() + " within 150 ms\n");
}

BOOST_AUTO_TEST_CASE(a_call_that_takes_longer_than_the_timeout_has_an_exit_code_of_its_own) {
    const served server;
    const auto reply = run({"call", "--timeout", "2s", server.address(), "sleep", "60000"});
    BOOST_TEST(reply.code == 3);
    BOOST_TEST(reply.err.find("no reply from 'sleep' within 2 s") != std::string::npos);
    const auto json = run({"call", "--json", "--timeout", "2s", server.address(), "sleep", "60000"});
    BOOST_TEST(json.code == 3);
    BOOST_TEST(code_in(parsed(json.out)) == "deadline_exceeded");
}

BOOST_AUTO_TEST_CASE(a_server_that_dies_during_a_call_is_exit_code_2) {
    served server{{"--verbose"}};
    program caller({"call", server.address(), "sleep", "60000"});
    server.wait_for_running_call();
    server.process().signal(SIGKILL);
    const auto reply = caller.wait();
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err.starts_with("echosocket: the connection to " + server.address() + " was lost"));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_serves_as_well_as_a_port) {
    const temporary_directory where;
    const auto address = "unix:" + (where.path() / "echo").string();
    program server({"serve", address});
    BOOST_TEST(server.read_line() == "listening on " + address);
    BOOST_TEST(run({"call", address, "echo", "hello"}).out == "hello");
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_an_error) {
    const served server;
    program caller({"call", server.address(), "echo", "-"});
    caller.close_output();
    caller.type("x");
    caller.end_input();
    const int code = caller.wait().code;
    BOOST_TEST((code == 74 || code == 128 + SIGPIPE));
}

BOOST_AUTO_TEST_SUITE_END()
