#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket::testing;

namespace {

std::uint64_t received(const served& server) {
    const auto figures = boost::json::parse(run({"stats", "--json", server.address()}).out);
    return figures.at("notifications_in").to_number<std::uint64_t>();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(notify_command)

BOOST_AUTO_TEST_CASE(the_server_has_it_when_the_command_has_ended) {
    const served server;
    for (unsigned sent = 1; sent <= 5; ++sent) {
        const auto told = run({"notify", server.address(), "news", "x"});
        BOOST_TEST(told.code == 0);
        BOOST_TEST(told.out == "");
        BOOST_TEST(told.err == "");
        BOOST_TEST(received(server) == sent);
    }
}

BOOST_AUTO_TEST_CASE(data_may_come_from_standard_input_and_be_large) {
    const served server;
    program all({"listen", server.address(), "large"});
    all.read_error_past("listening to ");
    const std::string large(3 * 1024 * 1024, 'x');
    BOOST_TEST(run({"notify", server.address(), "large", "-"}, large).code == 0);
    BOOST_TEST((all.read_line() == "large\t" + large));
}

BOOST_AUTO_TEST_CASE(as_json_it_tells_that_it_arrived) {
    const served server;
    const auto told = run({"notify", "--json", server.address(), "news", "x"});
    BOOST_TEST(told.code == 0);
    BOOST_TEST(boost::json::parse(told.out).at("ok").as_bool());
}

BOOST_AUTO_TEST_CASE(a_topic_that_can_not_be_is_misuse) {
    const served server;
    for (const auto& topic : {std::string(), std::string(256, 'x'), std::string("\xff")}) {
        const auto told = run({"notify", server.address(), topic, "x"});
        BOOST_TEST(told.code == 64);
        BOOST_TEST(told.err.find("topic") != std::string::npos, told.err);
    }
    BOOST_TEST(received(server) == 0u);
}

BOOST_AUTO_TEST_CASE(a_body_above_the_servers_limit_is_a_failure) {
    const served server;
    const auto told = run({"notify", server.address(), "news", "-"}, std::string(17 * 1024 * 1024, 'x'));
    BOOST_TEST(told.code == 1);
    BOOST_TEST(told.err.find("message_too_large") != std::string::npos, told.err);
}

BOOST_AUTO_TEST_CASE(without_a_server_it_ends_with_exit_code_2) {
    const auto told = run({"notify", "unix:/nonexistent/echosocket", "news", "x"});
    BOOST_TEST(told.code == 2);
    BOOST_TEST(told.err.starts_with("echosocket: no server there: "), told.err);
}

BOOST_AUTO_TEST_SUITE_END()
