#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(slow_readers)

BOOST_FIXTURE_TEST_CASE(a_peer_that_never_reads_is_closed_after_ten_seconds, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.reads_only(0);
    attacker.sends(raw::request(1, "big", std::to_string(mib)));
    pass(9900ms, 100ms);
    BOOST_TEST(attackers() == 1U);
    pass(200ms, 100ms);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::write_stalled);
}

BOOST_FIXTURE_TEST_CASE(what_is_queued_for_a_peer_that_never_reads_is_bounded, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.reads_only(0);
    std::string requests;
    for (std::uint32_t i = 0; i != 1000; ++i) requests += raw::request(2 * i + 1, "big", "100000");
    const allocation_watch memory;
    attacker.sends(requests);  // for 100 MB
    BOOST_TEST(memory.peak() < 2 * mib);
    BOOST_TEST(stats().calls < 20U);
    pass(11s);
    expect_closed(errc::write_stalled);
}

BOOST_FIXTURE_TEST_CASE(requests_held_back_for_want_of_room_are_served_without_another_byte, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    std::string requests;
    for (std::uint32_t i = 0; i != 100; ++i) requests += raw::request(2 * i + 1, "big", "100000");
    peer.sends(requests);
    for (std::uint32_t i = 0; i != 100; ++i) peer.expects_reply(2 * i + 1, std::string(100'000, 'b'));
}

BOOST_FIXTURE_TEST_CASE(answers_that_find_no_room_keep_their_calls_places, hostile_fixture) {
    config.limits.max_calls = 8;
    config.limits.output_soft = 64 * kib;
    config.limits.output_hard = 128 * kib;
    auto attacker = connect({}, {.capacity = 1 * kib});
    attacker.greets();
    for (std::uint32_t i = 0; i != 8; ++i) attacker.sends(raw::request(2 * i + 1, "big later", "100000"));
    attacker.reads_only(0);
    pass(5ms, 1ms);
    BOOST_TEST(stats().running_calls > 1U + 4U);
    attacker.reads_again();
    for (int i = 0; i != 8; ++i) BOOST_TEST(attacker.expects_frame().body.size() == 100'000U);
    BOOST_TEST(stats().running_calls == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_reads_too_slowly_is_a_slow_consumer, hostile_fixture) {
    auto attacker = connect({}, {.capacity = 16 * kib});
    attacker.greets();
    attacker.sends(raw::request(1, "big", std::to_string(4 * mib)));
    for (int second = 0; second != 11; ++second) {
        attacker.reads_only(50 * kib);  // a MiB in ten seconds would do
        pass(1s);
    }
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::slow_consumer);
}

BOOST_FIXTURE_TEST_CASE(a_slow_but_steady_reader_gets_its_answer, hostile_fixture) {
    auto peer = connect({}, {.capacity = 16 * kib});
    peer.greets();
    const std::size_t size = 16 * mib;  // takes two minutes, in which the server hears no answer to its pings
    peer.sends(raw::request(1, "big", std::to_string(size)));
    while (peer.unread() < size - mib) {
        peer.reads_only(128 * kib);
        pass(1s);
        BOOST_REQUIRE(attackers() == 1U);
    }
    peer.reads_again();
    std::size_t came = 0;
    while (came != size) {
        const auto frame = peer.expects_frame();
        if (frame.kind == raw::frame_kind::response) came += frame.body.size();
    }
    peer.sends(raw::request(3, "echo", "thank you"));
    peer.expects_reply(3, "thank you");
}

BOOST_FIXTURE_TEST_CASE(half_a_frame_is_not_held_against_a_peer_that_is_not_read, hostile_fixture) {
    auto peer = connect({}, {.capacity = 16 * kib});
    peer.greets();
    const auto next = raw::request(3, "echo", "patience");
    // Whole frames, which delay the replies behind them; a split body would let them through.
    const std::vector<std::uint32_t> asked{5, 7, 9, 11};
    for (const auto id : asked) peer.sends(raw::request(id, "big", std::to_string(mib)));
    peer.sends(next.substr(0, 10));
    while (peer.unread() < 3 * mib) {
        peer.reads_only(128 * kib);
        pass(1s);
        BOOST_REQUIRE(attackers() == 1U);
    }
    peer.reads_again();
    for (const auto id : asked) peer.expects_reply(id, std::string(mib, 'b'));
    peer.sends(next.substr(10));
    peer.expects_reply(3, "patience");
}

BOOST_FIXTURE_TEST_CASE(last_words_are_not_said_for_ever, hostile_fixture) {
    auto attacker = connect({}, {.capacity = 1 * kib});
    attacker.greets();
    attacker.sends(raw::request(1, "big", std::to_string(200 * kib)));
    attacker.sends(raw::hello());
    for (int i = 0; i != 3; ++i) {
        attacker.reads_only(1);  // enough to count as progress
        pass(4s);
    }
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_does_not_close_is_closed_on, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::hello());
    attacker.expects_error(0, errc::protocol_error);
    for (int i = 0; i != 9; ++i) {
        attacker.sends(raw::ping(std::string(64, 'p')));  // nobody reads it
        pass(100ms, 100ms);
    }
    BOOST_TEST(attackers() == 1U);
    pass(100ms, 100ms);
    BOOST_TEST(attackers() == 0U);
    attacker.expects_the_end();
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(one_who_reads_nothing_holds_up_no_other, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.reads_only(0);
    for (std::uint32_t i = 0; i != 100; ++i) attacker.sends(raw::request(2 * i + 1, "big", "1000000"));
    auto honest = connect();
    honest.greets();
    honest.sends(raw::request(1, "big", "1000000"));
    honest.expects_reply(1, std::string(1'000'000, 'b'));
}

BOOST_AUTO_TEST_SUITE_END()
