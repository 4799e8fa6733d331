// Clients that are gone from one moment to the next.
#include "support/crowd.hpp"
#include "support/served_fixture.hpp"

#include <cstdint>

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(vanishing_clients)

BOOST_FIXTURE_TEST_CASE(a_killed_process_with_a_thousand_connections_leaves_nothing, served_fixture) {
    serve();
    auto words = raw::hello();
    for (const std::uint32_t id : {1U, 3U, 5U, 7U}) words += raw::request(id, "sleep", "3600000");
    const auto connections = amount(1000, 4000);
    for (std::size_t round = 0; round != amount(1, 20); ++round) {
        crowd all(address(), connections, words);
        wait_until([&](const figures& f) { return f.running_calls == 1 + 4 * connections; });
        all.vanish();
        expect_recovery();
    }
}

BOOST_FIXTURE_TEST_CASE(those_that_vanish_in_the_midst_of_a_frame_leave_nothing, served_fixture) {
    serve();
    const auto upload = raw::request(1, "echo", std::string(1000, 'x'), raw::more);
    const auto whole = raw::request(3, "echo", std::string(1000, 'x'));
    for (std::size_t round = 0; round != amount(2, 100); ++round) {
        auto attackers = greet_all(100);
        for (std::size_t i = 0; i != attackers.size(); ++i) attackers[i].sends(upload + whole.substr(0, 1 + i * 10));
        for (auto& one : attackers) one.leaves();
        expect_recovery();
    }
}

BOOST_AUTO_TEST_SUITE_END()
