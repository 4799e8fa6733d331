// Calls that are begun and cancelled as fast as bytes go.
#include "support/served_fixture.hpp"

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

constexpr const char* one_hour = "3600000";

std::uint32_t call_id(std::size_t n) {
    return static_cast<std::uint32_t>(2 * n + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rapid_cancels)

BOOST_FIXTURE_TEST_CASE(calls_cancelled_as_soon_as_they_are_made_end_their_connection_and_run_no_more, served_fixture) {
    serve();
    std::string rush;
    for (std::size_t i = 0; i != 2000; ++i)
        rush += raw::request(call_id(i), "sleep", one_hour) + raw::cancel(call_id(i));
    std::string later;
    for (std::size_t i = 0; i != 1000; ++i) later += raw::request(call_id(i), "sleep", one_hour);
    for (std::size_t i = 0; i != 1000; ++i) later += raw::cancel(call_id(i)) + raw::cancel(call_id(i));
    const auto rounds = amount(20, 1000);
    for (std::size_t round = 0; round != rounds; ++round) {
        auto attackers = greet_all(2);
        attackers[0].sends(rush);
        attackers[1].sends(later);
        for (auto& one : attackers) one.expects_the_end_at_last_because(errc::abusive);
    }
    expect_recovery();
    BOOST_TEST(closed("abusive") == 2 * rounds);
}

BOOST_FIXTURE_TEST_CASE(what_is_cancelled_by_the_end_of_its_connection_runs_no_more, served_fixture) {
    serve();
    std::string calls;
    for (std::size_t i = 0; i != 500; ++i) calls += raw::request(call_id(i), "sleep", one_hour);
    const auto half = raw::request(call_id(500), "echo", "half of", raw::more);
    for (std::size_t round = 0; round != amount(10, 500); ++round) {
        auto attackers = greet_all(8);
        for (auto& one : attackers) one.sends(calls + half);
        wait_until([](const figures& f) { return f.running_calls >= 8 * 500; });
        for (auto& one : attackers) one.leaves();
        wait_until([](const figures& f) { return f.connections == 1; });
    }
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
