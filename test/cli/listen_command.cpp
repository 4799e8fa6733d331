#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>

using namespace echosocket::testing;

namespace {

/// A running `echosocket listen` that has subscribed.
struct listener : program {
    explicit listener(const words& arguments) : program(arguments) { read_error_past("listening to "); }
};

void notify(const served& server, const std::string& topic, const std::string& data) {
    const auto told = run({"notify", server.address(), topic, data});
    BOOST_TEST(told.code == 0, told.err);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listen_command)

BOOST_AUTO_TEST_CASE(each_notification_is_a_line_of_topic_tab_and_data) {
    const served server;
    listener all({"listen", server.address()});
    notify(server, "news", "Hello");
    notify(server, "prices", "[1,2]");
    BOOST_TEST(all.read_line() == "news\tHello");
    BOOST_TEST(all.read_line() == "prices\t[1,2]");
}

BOOST_AUTO_TEST_CASE(only_the_topics_asked_for_are_shown) {
    const served server;
    listener some({"listen", server.address(), "b", "c"});
    for (const auto* topic : {"a", "b", "d", "c"}) notify(server, topic, "x");
    BOOST_TEST(some.read_line() == "b\tx");
    BOOST_TEST(some.read_line() == "c\tx");
}

BOOST_AUTO_TEST_CASE(a_topic_asked_for_beside_every_topic_comes_once) {
    const served server;
    listener both({"listen", server.address(), "a", "*"});
    notify(server, "a", "one");
    notify(server, "b", "two");
    BOOST_TEST(both.read_line() == "a\tone");
    BOOST_TEST(both.read_line() == "b\ttwo");
}

BOOST_AUTO_TEST_CASE(whatever_comes_stays_on_one_line_and_moves_no_terminal) {
    const served server;
    listener all({"listen", server.address()});
    notify(server, "two\tparts\n", "a\nb\x1b[2J\r\xff");
    BOOST_TEST(all.read_line() == "two\\tparts\\n\ta\\nb\\x1b[2J\\x0d\\xff");
}

BOOST_AUTO_TEST_CASE(as_json_each_is_an_object_that_loses_nothing) {
    const served server;
    listener all({"listen", "--json", server.address()});
    notify(server, "text", "a\nb");
    notify(server, "list", "[1, \"x\"]");
    notify(server, "bytes", "\xff\xfe");
    const auto text = boost::json::parse(all.read_line());
    BOOST_TEST(text.at("topic").as_string() == "text");
    BOOST_TEST(text.at("data").as_string() == "a\nb");
    BOOST_TEST(boost::json::parse(all.read_line()).at("data").as_array().size() == 2u);
    BOOST_TEST(boost::json::parse(all.read_line()).at("data_base64").as_string() == "//4=");
}

BOOST_AUTO_TEST_CASE(a_signal_ends_it_with_exit_code_0_and_no_complaint) {
    const served server;
    for (const int signal : {SIGINT, SIGTERM}) {
        listener all({"listen", server.address()});
        all.read_error_past(server.address() + "\n");
        all.signal(signal);
        const auto end = all.wait();
        BOOST_TEST(end.code == 0);
        BOOST_TEST(end.out == "");
        BOOST_TEST(end.err == "");
    }
}

BOOST_AUTO_TEST_CASE(it_comes_back_when_the_server_does) {
    served server;
    const auto address = server.address();
    listener all({"listen", address, "news"});
    server.process().signal(SIGKILL);
    server.process().wait();
    all.read_error_past("the connection to " + address + " was lost");
    program again({"serve", address});
    again.read_line();
    all.read_error_past("connected to " + address + " again");
    BOOST_TEST(run({"notify", address, "news", "back"}).code == 0);
    BOOST_TEST(all.read_line() == "news\tback");
    BOOST_TEST(run({"notify", address, "other", "unwanted"}).code == 0);
    all.signal(SIGTERM);
    const auto end = all.wait();
    BOOST_TEST(end.code == 0);
    BOOST_TEST(end.out == "");
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_in_order_is_come_back_to_as_well) {
    served server;
    const auto address = server.address();
    listener all({"listen", address});
    server.process().signal(SIGTERM);
    BOOST_TEST(server.process().wait().code == 0);
    all.read_error_past("was lost");
    program again({"serve", address});
    again.read_line();
    all.read_error_past("connected to " + address + " again");
}

BOOST_AUTO_TEST_CASE(without_a_server_it_ends_with_exit_code_2) {
    const auto reply = run({"listen", "unix:/nonexistent/echosocket"});
    BOOST_TEST(reply.code == 2);
    BOOST_TEST(reply.err.starts_with("echosocket: no server there: "), reply.err);
}

BOOST_AUTO_TEST_CASE(a_topic_that_can_not_be_is_refused) {
    const served server;
    const auto reply = run({"listen", server.address(), std::string(256, 'x')});
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("bad_request") != std::string::npos, reply.err);
}

BOOST_AUTO_TEST_SUITE_END()
