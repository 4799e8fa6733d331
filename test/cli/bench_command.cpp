#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket::testing;

namespace {

/// Short, because the figures do not matter here.
ended bench(const served& server, words more) {
    more.insert(more.begin(), {"bench", server.address(), "--duration", "50ms"});
    return run(more);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bench_command)

BOOST_AUTO_TEST_CASE(it_tells_rate_and_percentiles) {
    const served server;
    const auto reply = bench(server, {"-c", "3", "-d", "4"});
    BOOST_TEST(reply.code == 0, reply.err);
    for (const auto* line :
         {"3 connections, 4 requests under way on each", "per second", "median", "99.9 %", "fairness"})
        BOOST_TEST(reply.out.find(line) != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(every_answer_is_the_right_one) {
    const served server;
    const auto reply = bench(server, {"--json", "-c", "2", "-d", "16", "-s", "1KiB"});
    BOOST_TEST(reply.code == 0, reply.err);
    const auto figures = boost::json::parse(reply.out).as_object();
    BOOST_TEST(figures.at("answers").to_number<double>() > 0);
    BOOST_TEST(figures.at("wrong").to_number<double>() == 0);
    BOOST_TEST(figures.at("unanswered").to_number<double>() == 0);
    BOOST_TEST(figures.at("p50").to_number<double>() <= figures.at("p99").to_number<double>());
}

BOOST_AUTO_TEST_CASE(a_large_body_is_echoed_in_full) {
    const served server;
    const auto reply = bench(server, {"-s", "1MiB", "-d", "3"});
    BOOST_TEST(reply.code == 0, reply.err);
}

BOOST_AUTO_TEST_CASE(a_rate_is_kept_to) {
    const served server;
    const auto reply =
        run({"bench", server.address(), "--json", "-t", "200ms", "-c", "4", "-d", "64", "--rate", "500"});
    BOOST_TEST(reply.code == 0, reply.err);
    const auto answers = boost::json::parse(reply.out).as_object().at("answers").to_number<double>();
    BOOST_TEST(answers > 0);
    BOOST_TEST(answers <= 150);
}

BOOST_AUTO_TEST_CASE(another_task_only_has_to_succeed_unless_a_reply_is_expected) {
    const served server;
    BOOST_TEST(bench(server, {"sum", "[1,2,3]"}).code == 0);
    BOOST_TEST(bench(server, {"sum", "[1,2,3]", "--expect", "6"}).code == 0);
    const auto wrong = bench(server, {"sum", "[1,2,3]", "--expect", "7"});
    BOOST_TEST(wrong.code == 1);
    BOOST_TEST(wrong.err.find("wrong answers, the first: an answer with the wrong body") != std::string::npos,
               wrong.err);
}

BOOST_AUTO_TEST_CASE(a_task_that_fails_is_told_before_any_load) {
    const served server;
    const auto reply = bench(server, {"ehco"});
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("ehco") != std::string::npos, reply.err);
    BOOST_TEST(reply.out.empty());
}

BOOST_AUTO_TEST_CASE(no_server_there_is_exit_code_2) {
    const auto reply = run({"bench", "unix:/nonexistent/echosocket"});
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err.find("no server there") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_CASE(sizes_above_a_frame_are_a_usage_error) {
    const auto reply = run({"bench", "unix:/nonexistent/echosocket", "-s", "2MiB"});
    BOOST_TEST(reply.code == 64);
}

BOOST_AUTO_TEST_SUITE_END()
