#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::uint32_t nth_id(std::size_t n) {
    return static_cast<std::uint32_t>(2 * n + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(floods)

BOOST_FIXTURE_TEST_CASE(a_flood_of_cancels_is_abusive, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    for (int i = 0; i != 1000; ++i) attacker.sends(raw::cancel(1));
    attacker.expects_nothing();
    attacker.sends(raw::cancel(1));
    attacker.expects_the_end_because(errc::abusive);
    expect_closed(errc::abusive);
}

BOOST_FIXTURE_TEST_CASE(opening_and_cancelling_in_turn_is_abusive_too, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    std::string rush;
    for (std::size_t i = 0; i != 2000; ++i) rush += raw::request(nth_id(i), "hold") + raw::cancel(nth_id(i));
    attacker.sends(rush);
    attacker.expects_the_end_at_last_because(errc::abusive);
    expect_closed(errc::abusive);
    BOOST_TEST(holding() == 0U);
    BOOST_TEST(stats().running_calls == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_errors_is_abusive, hostile_fixture) {
    for (const auto& bad :
         {raw::request(1, "nobody home"), raw::request(1, "sum", "nonsense"), raw::request(1, "$stop"),
          raw::request(1, "ech\xff"),
          raw::bytes_of({raw::frame_kind::request, 0, 1, raw::meta({.name = "echo", .streams = 1}), ""})}) {
        auto attacker = connect();
        attacker.greets();
        for (int i = 0; i != 1001; ++i) attacker.sends(bad);
        attacker.expects_the_end_at_last_because(errc::abusive);
    }
    expect_closed(errc::abusive, 5);
}

BOOST_FIXTURE_TEST_CASE(what_an_honest_peer_provokes_is_forgiven_with_time, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    for (int second = 0; second != 60; ++second) {
        for (int i = 0; i != 33; ++i) peer.sends(raw::cancel(1) + raw::ping());
        pass(1s);
    }
    peer.forgets();
    peer.sends(raw::request(1, "echo", "still welcome"));
    peer.expects_reply(1, "still welcome");
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_ignores_max_calls_is_answered_overloaded, hostile_fixture) {
    config.limits.max_calls = 3;
    auto peer = connect();
    BOOST_TEST(peer.greets().max_calls == 3U);
    for (std::size_t i = 0; i != 5; ++i) peer.sends(raw::request(nth_id(i), "hold"));
    BOOST_TEST(holding() == 3U);
    for (std::size_t i = 3; i != 5; ++i) {
        const auto text = peer.expects_error(nth_id(i), errc::overloaded);
        BOOST_TEST(text.find("3") != std::string::npos, "the limit is missing in: " << text);
    }
    expect_refused(errc::overloaded, 2);
    peer.sends(raw::cancel(1));
    peer.expects_error(1, errc::cancelled);
    peer.sends(raw::request(99, "later", "0"));
    pass(1ms, 1ms);
    peer.expects_reply(99, "0");
}

BOOST_FIXTURE_TEST_CASE(running_calls_are_bounded_over_all_connections, hostile_fixture) {
    config.max_running_calls = 3;  // the bystander has one
    auto first = connect();
    auto second = connect();
    first.greets();
    second.greets();
    first.sends(raw::request(1, "hold"));
    second.sends(raw::request(1, "hold"));
    second.sends(raw::request(3, "hold"));
    second.expects_error(3, errc::overloaded);
    second.sends(raw::request(5, "echo"));
    BOOST_TEST(second.expects_error(5, errc::overloaded).find("1024") == std::string::npos);
    first.leaves();
    second.sends(raw::request(7, "hold"));
    second.expects_nothing();
    BOOST_TEST(holding() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_pings_is_answered_and_costs_little, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    const allocation_watch memory;
    for (int round = 0; round != 100; ++round) {
        std::string pings;
        for (int i = 0; i != 100; ++i) pings += raw::ping("0123456789");
        peer.sends(pings);
        for (int i = 0; i != 100; ++i) peer.expects_pong("0123456789");
    }
    BOOST_TEST(memory.peak() < 1024U * 1024U);
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_pings_that_reads_no_answer_is_held_up, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.reads_only(0);
    const allocation_watch memory;
    std::string pings;
    while (pings.size() < 8 * 1024 * 1024) pings += raw::ping(std::string(64, 'p'));
    const auto own = memory.peak();
    attacker.sends(pings);
    BOOST_TEST(memory.peak() - own < 3U * 1024U * 1024U);
    pass(20s);
    expect_closed(errc::write_stalled);
}

BOOST_FIXTURE_TEST_CASE(a_flood_of_connections_is_refused_above_the_limit, hostile_fixture) {
    config.max_connections = 11;
    std::vector<raw_peer> crowd;
    for (int i = 0; i != 10; ++i) {
        crowd.push_back(connect());
        crowd.back().greets();
    }
    for (int i = 0; i != 64; ++i) {
        crowd.push_back(connect());
        const auto text = crowd.back().expects_error(0, errc::refused);
        BOOST_TEST(text.find("11") != std::string::npos, "the limit is missing in: " << text);
    }
    auto beyond = connect();
    beyond.expects_the_end();
    expect_refused(errc::refused, 65);

    // Refused connections that are still closing do not count.
    crowd.front().leaves();
    auto honest = connect();
    honest.greets();
    honest.sends(raw::request(1, "echo", "room for one more"));
    honest.expects_reply(1, "room for one more");

    pass(2s);
    BOOST_TEST(attackers() == 10U);
}

BOOST_FIXTURE_TEST_CASE(connections_from_one_address_are_bounded, hostile_fixture) {
    config.max_per_address = 2;
    auto first = connect_over_tcp_and_reset();
    auto second = connect_over_tcp_and_reset();
    first.greets();
    second.greets();
    for (int i = 0; i != 3; ++i) {
        auto third = connect_over_tcp_and_reset();
        third.expects_the_end_because(errc::refused);
    }
    first.leaves();
    run_until([&] { return attackers() == 1; });
    auto fourth = connect_over_tcp_and_reset();
    fourth.greets();
}

BOOST_AUTO_TEST_SUITE_END()
