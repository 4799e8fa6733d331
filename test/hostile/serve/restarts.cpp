// A server that is killed, or stopped, and started again, with clients that never let go.
#include "support/checked_load.hpp"
#include "support/served_fixture.hpp"

#include <csignal>
#include <optional>
#include <string>

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(restarts)

BOOST_FIXTURE_TEST_CASE(calls_with_a_key_succeed_and_no_reply_is_another_ones_across_restarts, served_fixture) {
    serve({unix_address()});
    checked_load load({.addresses = {unix_address()}});
    for (std::size_t round = 0; round != amount(6, 100); ++round) {
        BOOST_REQUIRE(load.goes_on_for(200));
        let_canary_leave();
        const bool killed = round % 2 == 0;
        server().signal(killed ? SIGKILL : SIGTERM);
        BOOST_TEST(await_end().code == (killed ? 128 + SIGKILL : 0));
        serve_again();
    }
    BOOST_TEST(load.goes_on_for(200));
    const auto outcome = load.finish();
    BOOST_TEST(outcome.wrong == "");
    BOOST_TEST((outcome.with_key > 0 && outcome.answered > 0));
    BOOST_TEST_MESSAGE(outcome.with_key << " calls with a key, " << outcome.answered << " without, " << outcome.lost
                                        << " lost");
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
