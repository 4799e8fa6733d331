#include "support/hostile_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

/// Passes time like a peer that is alive: it answers every PING.
void pass_answering_pings(hostile_fixture& f, raw_peer& peer, duration time) {
    for (; time > 0s; time -= 10s) {
        f.pass(10s);
        peer.forgets();
        peer.sends(raw::bytes_of({.kind = frame_kind::pong}));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(silence)

BOOST_FIXTURE_TEST_CASE(a_frame_that_is_never_completed_is_waited_for_for_ten_seconds, hostile_fixture) {
    for (const std::size_t size : {1U, 4U, 11U, 12U, 20U}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::request(1, "echo", "hello").substr(0, size));
        pass(9900ms, 100ms);
        attacker.expects_nothing();
        pass(200ms, 100ms);
        attacker.expects_the_end_because(errc::frame_timeout);
    }
    expect_closed(errc::frame_timeout, 5);
}

BOOST_FIXTURE_TEST_CASE(a_frame_byte_by_byte_gets_no_more_time, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    for (const char byte : raw::request(1, "echo", "a slow one").substr(0, 11)) {
        attacker.sends({&byte, 1});
        pass(1s);
    }
    attacker.expects_the_end_because(errc::frame_timeout);
    expect_closed(errc::frame_timeout);
}

BOOST_FIXTURE_TEST_CASE(an_overdue_frame_ends_a_connection_that_is_not_closed_at_the_other_end, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends("\x20");
    pass(10s);
    attacker.expects_error(0, errc::frame_timeout);
    BOOST_TEST(attackers() == 1U);  // has a second to read it
    pass(1s);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::frame_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_large_frame_gets_time_for_its_size, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    const std::string body(640 * kib, 'x');
    const auto request = raw::request(1, "echo", body);
    for (std::size_t sent = 0; sent < request.size(); sent += 64 * kib) {
        peer.sends(std::string_view(request).substr(sent, 64 * kib));
        pass(1500ms, 500ms);
    }
    peer.expects_reply(1, body);
}

BOOST_FIXTURE_TEST_CASE(a_frame_to_be_skipped_gets_time_for_its_size_as_well, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    const auto request = raw::request(1, "echo", std::string(2048 * kib, 'x'));
    for (std::size_t sent = 0; sent < request.size(); sent += 64 * kib) {
        peer.sends(std::string_view(request).substr(sent, 64 * kib));
        pass(1100ms, 100ms);
    }
    peer.sends(raw::request(3, "echo", "on we go"));
    peer.expects_error(1, errc::message_too_large);
    peer.expects_reply(3, "on we go");
}

BOOST_FIXTURE_TEST_CASE(a_frame_to_be_skipped_that_never_ends_is_overdue, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::request(1, "echo", std::string(2048 * kib, 'x')).substr(0, 100 * kib));
    attacker.expects_error(1, errc::message_too_large);
    for (int i = 0; i != 4; ++i) {
        pass(10s);
        attacker.sends("x");
    }
    pass(2s);
    attacker.forgets();
    pass(1s);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::frame_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_answers_no_ping_is_lost, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    pass(3 * 34500ms + 1s);
    for (int i = 0; i != 2; ++i) BOOST_TEST((attacker.expects_frame().kind == frame_kind::ping));
    attacker.expects_the_end();
    expect_closed(errc::ping_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_does_nothing_but_ping_is_idle_after_five_minutes, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::request(1, "echo", "for once"));
    attacker.expects_reply(1, "for once");
    for (int i = 0; i != 29; ++i) {
        pass(10s);
        attacker.sends(raw::ping());
        attacker.expects_pong("");
    }
    pass(9s);
    attacker.expects_nothing();
    pass(1s);
    attacker.expects_the_end_because(errc::idle_timeout);
    expect_closed(errc::idle_timeout);
}

BOOST_FIXTURE_TEST_CASE(half_a_body_and_pings_are_given_up, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::request(1, "echo", std::string(100 * kib, 'x'), raw::more));
    pass_answering_pings(*this, attacker, 20s);
    BOOST_TEST(attackers() == 1U);
    pass_answering_pings(*this, attacker, 10s);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::frame_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_peer_with_a_running_call_is_not_idle, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "later", "900000"));
    pass_answering_pings(*this, peer, 890s);
    pass(10s);
    peer.expects_reply(1, "900000");

    pass_answering_pings(*this, peer, 290s);  // counted from the call's end
    BOOST_TEST(attackers() == 1U);
    pass_answering_pings(*this, peer, 20s);
    expect_closed(errc::idle_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_counts_from_the_first_frame_of_a_body, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    const auto meta = raw::meta({.name = "later", .deadline_ms = 3000});
    for (const std::uint32_t id : {1U, 3U}) peer.sends(raw::bytes_of({frame_kind::request, raw::more, id, meta, "50"}));
    pass(2s);
    peer.sends(raw::piece(1, "00"));
    pass(900ms, 100ms);
    peer.expects_nothing();
    pass(100ms, 100ms);
    peer.expects_error(3, errc::deadline_exceeded);  // at once, the other one once its task has been cancelled
    peer.expects_error(1, errc::deadline_exceeded);
    peer.sends(raw::piece(3, "00"));
    peer.expects_nothing();
    expect_refused(errc::deadline_exceeded);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_of_nothing_has_passed_at_once, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    for (const auto* task : {"echo", "hold"}) {
        const auto meta = raw::meta({.name = task, .deadline_ms = 0});
        peer.sends(raw::bytes_of({frame_kind::request, 0, 1, meta, ""}));
        peer.expects_error(1, errc::deadline_exceeded);
    }
    BOOST_TEST(cancelled_holds() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_thousand_silent_connections_hold_up_nobody, hostile_fixture) {
    std::vector<raw_peer> crowd;
    for (int i = 0; i != 1000; ++i) {
        crowd.push_back(connect());
        crowd.back().greets();
    }
    pass(10s);
    auto honest = connect_client();
    auto answer = spawn([&] { return honest.call<std::string>("echo", std::string("hello?")); });
    settle();
    BOOST_TEST((answer.done() && answer.get() == "hello?"));
    pass(100s, 5s);
    BOOST_TEST(attackers() == 1U);
    expect_closed(errc::ping_timeout, 1000);
}

BOOST_AUTO_TEST_SUITE_END()
