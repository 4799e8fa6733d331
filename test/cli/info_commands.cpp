#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>

using namespace echosocket::testing;

namespace {

constexpr const char* nobody = "unix:/nonexistent/echosocket";

}  // namespace

BOOST_AUTO_TEST_SUITE(info_commands)

BOOST_AUTO_TEST_CASE(list_shows_types_and_descriptions_in_aligned_columns) {
    const served server;
    const auto reply = run({"list", server.address()});
    BOOST_TEST(reply.code == 0);
    for (const auto* line : {"sum(number...)", "-> number", "Adds any number of numbers", "sleep(integer)", "$ping("})
        BOOST_TEST(reply.out.find(line) != std::string::npos, line);
    const auto column = reply.out.find("->");
    for (std::size_t begin = 0; begin < reply.out.size(); begin = reply.out.find('\n', begin) + 1)
        BOOST_TEST(reply.out.find("->", begin) - begin == column);
}

BOOST_AUTO_TEST_CASE(list_as_json_is_what_the_server_tells) {
    const served server;
    const auto tasks = boost::json::parse(run({"list", "--json", server.address()}).out).as_array();
    bool found = false;
    for (const auto& task : tasks) {
        if (task.at("name").as_string() != "sum") continue;
        found = true;
        BOOST_TEST(task.at("arguments").as_string() == "number...");
        BOOST_TEST(task.at("returns").as_string() == "number");
        BOOST_TEST(!task.at("description").as_string().empty());
    }
    BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(ping_tells_each_round_trip_and_min_median_max) {
    const served server;
    const auto reply = run({"ping", "-c", "3", "-i", "1ms", server.address()});
    BOOST_TEST(reply.code == 0);
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = reply.out.find("reply from " + server.address(), at)) != std::string::npos; ++at)
        ++lines;
    BOOST_TEST(lines == 3u);
    for (const auto* word : {"3 sent, 3 answered", "min ", "median ", "max "})
        BOOST_TEST(reply.out.find(word) != std::string::npos, word);
}

BOOST_AUTO_TEST_CASE(ping_as_json_is_one_object) {
    const served server;
    const auto reply = run({"ping", "--json", "-i", "1ms", server.address()});
    BOOST_TEST(reply.code == 0);
    BOOST_TEST(reply.out.find('\n') == reply.out.size() - 1);
    const auto report = boost::json::parse(reply.out).as_object();
    BOOST_TEST(report.at("ok").as_bool());
    BOOST_TEST(report.at("sent").to_number<int>() == 4);
    BOOST_TEST(report.at("answered").to_number<int>() == 4);
    BOOST_TEST(report.at("ms").as_array().size() == 4u);
    const auto least = report.at("min_ms").to_number<double>();
    const auto middle = report.at("median_ms").to_number<double>();
    BOOST_TEST(least > 0);
    BOOST_TEST(least <= middle);
    BOOST_TEST(middle <= report.at("max_ms").to_number<double>());
}

BOOST_AUTO_TEST_CASE(ping_without_a_count_ends_with_its_figures_at_an_interrupt) {
    const served server;
    program pinging({"ping", "-c", "0", "-i", "1m", server.address()});
    BOOST_TEST(pinging.read_line().starts_with("reply from "));
    pinging.signal(SIGINT);
    const auto end = pinging.wait();
    BOOST_TEST(end.code == 0);
    BOOST_TEST(end.out.find("1 sent, 1 answered") != std::string::npos, end.out);
}

BOOST_AUTO_TEST_CASE(ping_notices_that_the_server_has_gone) {
    served server;
    program pinging({"ping", "-c", "2", "-i", "2s", server.address()});
    BOOST_TEST(pinging.read_line().starts_with("reply from "));
    server.process().signal(SIGKILL);
    server.process().wait();
    BOOST_TEST(pinging.wait().code == 2);
}

BOOST_AUTO_TEST_CASE(stats_counts_calls_and_failures) {
    const served server{{"--name", "Counter"}};
    BOOST_TEST(server.call("echo", "x").code == 0);
    BOOST_TEST(server.call("draw", "nothing").code == 1);
    const auto figures = boost::json::parse(run({"stats", "--json", server.address()}).out).as_object();
    for (const auto* key : {"uptime_ms", "connections", "accepted", "running_calls", "calls", "failed", "bytes_in",
                            "bytes_out", "queued_bytes"})
        BOOST_TEST(figures.at(key).is_number(), key);
    BOOST_TEST(figures.at("closed").is_object());
    BOOST_TEST(figures.at("refused").is_object());
    BOOST_TEST(figures.at("failed").to_number<int>() == 1);
    BOOST_TEST(figures.at("calls").to_number<int>() >= 2);

    const auto table = run({"stats", server.address()});
    BOOST_TEST(table.code == 0);
    for (const auto* word :
         {"Counter", "uptime", "connections", "calls", "of which 1 failed", "received", "sent", "queued"})
        BOOST_TEST(table.out.find(word) != std::string::npos, word);
}

BOOST_AUTO_TEST_CASE(without_a_server_each_ends_with_exit_code_2) {
    for (const auto* command : {"list", "ping", "stats", "repl"}) {
        const auto reply = run({command, nobody});
        BOOST_TEST(reply.code == 2, command);
        BOOST_TEST(reply.err.starts_with("echosocket: no server there: "), reply.err);
    }
    for (const auto* command : {"list", "ping", "stats"}) {
        const auto reply = run({command, "--json", nobody});
        BOOST_TEST(reply.code == 2);
        const auto report = boost::json::parse(reply.out).as_object();
        BOOST_TEST(!report.at("ok").as_bool());
        BOOST_TEST(report.at("error").at("code").as_string() == "connect_failed");
    }
}

BOOST_AUTO_TEST_SUITE_END()
