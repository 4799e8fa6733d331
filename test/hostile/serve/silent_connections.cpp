// Connections that never say a word.
#include "support/served_fixture.hpp"

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(silent_connections)

BOOST_FIXTURE_TEST_CASE(those_that_say_nothing_are_closed_in_time_and_leave_nothing, served_fixture) {
    serve();
    const auto count = amount(500, 4000);
    auto silent = connect_all(count);
    for (auto& one : silent) one.expects_the_end();
    expect_recovery();
    BOOST_TEST(closed("hello_timeout") == count);
}

BOOST_FIXTURE_TEST_CASE(those_that_never_come_to_an_end_of_their_silence_keep_nobody_out, served_fixture) {
    serve({"--max-connections", "200"});
    auto silent = connect_all(amount(600, 2000));  // those beyond the limit are turned away
    for (auto& one : silent) BOOST_TEST(one.has_ended());
    expect_recovery();
    auto honest = connect();
    honest.greets();
    honest.sends(raw::request(1, "echo", "there is room again"));
    honest.expects_reply(1, "there is room again");
    honest.leaves();
}

BOOST_AUTO_TEST_SUITE_END()
