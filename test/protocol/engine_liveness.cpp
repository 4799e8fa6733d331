#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;

namespace {

end_options pinging(std::string name = "an end") {
    return {.limits = {.idle_timeout = 0ms}, .ping_interval = 30s, .name = std::move(name)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_liveness)

BOOST_AUTO_TEST_CASE(silence_for_30_s_is_answered_with_a_ping) {
    engine_end server(role::server, pinging());
    server.open();
    server.wait(29'999ms);
    BOOST_TEST(server.says() == "");
    server.wait(1ms);
    BOOST_TEST(server.says() == "PING 0");
}

BOOST_AUTO_TEST_CASE(an_end_that_answers_no_pings_is_lost) {
    engine_end server(role::server, pinging());
    server.open();
    server.wait(89'999ms);
    BOOST_TEST(server.says() == "PING 0; PING 0");
    BOOST_TEST(server.reason() == "none");
    server.wait(1ms);
    BOOST_TEST(server.events() == "closed ping_timeout");
    BOOST_TEST(server.says() == "");
    BOOST_CHECK(server.engine.next_timeout() == protocol::never);
}

BOOST_AUTO_TEST_CASE(any_byte_shows_that_the_other_end_is_alive) {
    engine_end server(role::server, pinging());
    server.open();
    const auto bytes = raw::request(1, "wait");
    server.wait(29s);
    server.hear(std::string_view(bytes).substr(0, 1));
    server.wait(1s);
    server.hear(std::string_view(bytes).substr(1));
    server.wait(29'999ms);
    BOOST_TEST(server.says() == "");
    server.wait(1ms);
    BOOST_TEST(server.says() == "PING 0");
}

BOOST_AUTO_TEST_CASE(two_ends_that_ping_keep_each_other_alive) {
    engine_pair pair(pinging("client"), pinging("server"));
    pair.open();
    pair.wait(10min);
    BOOST_TEST(pair.client.reason() == "none");
    BOOST_TEST(pair.server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(both_ends_notice_that_the_line_is_dead) {
    engine_pair pair(pinging("client"), pinging("server"));
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    pair.forget();
    pair.is_dead = true;
    pair.wait(2min);
    BOOST_TEST(pair.client.events() == "closed ping_timeout; call_failed wait ping_timeout retry started");
    BOOST_TEST(pair.server.events() == "closed ping_timeout");
}

BOOST_AUTO_TEST_CASE(nothing_but_pings_for_300_s_is_idle) {
    engine_pair pair({.limits = {.idle_timeout = 0ms}, .ping_interval = 30s, .name = "client"},
                     {.ping_interval = 30s, .name = "server"});
    pair.open();
    pair.wait(299'999ms);
    BOOST_TEST(pair.server.reason() == "none");
    pair.wait(1ms);
    BOOST_TEST(pair.server.says().ends_with("ERROR 0 idle_timeout retry"));
    BOOST_TEST(pair.client.events() == "closed idle_timeout");
}

BOOST_AUTO_TEST_CASE(a_running_call_keeps_a_connection_from_being_idle) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.wait(20min);
    BOOST_TEST(pair.server.reason() == "none");
    (void)pair.server.answer(1);
    pair.wait(299s);
    BOOST_TEST(pair.client.reason() == "none");
    pair.wait(10min);
    BOOST_TEST(pair.client.reason() == "idle_timeout");
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_no_ping_makes_a_connection_used) {
    engine_end server(role::server);
    server.open();
    server.wait(200s);
    server.hear(raw::bytes_of({wire::frame_kind::notify, 0, 0, raw::meta({.name = "n"}), {}}));
    server.wait(299s);
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::ping());
    server.wait(1s);
    BOOST_TEST(server.reason() == "idle_timeout");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_held_open_is_used_until_it_is_let_go) {
    engine_end server(role::server);
    server.open();
    server.wait(200s);
    server.engine.hold_open(false);
    server.wait(299s);
    BOOST_TEST(server.reason() == "none");
    server.wait(1s);
    BOOST_TEST(server.reason() == "idle_timeout");
}

BOOST_AUTO_TEST_CASE(without_an_interval_no_pings_are_sent) {
    engine_end server(role::server, {.limits = {.idle_timeout = 0ms}});
    server.open();
    server.wait(24h);
    BOOST_TEST(server.says() == "");
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_SUITE_END()
