#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

struct small_limits : hostile_fixture {
    small_limits() {
        config.limits.max_frame = 64 * kib;
        config.limits.max_message = 256 * kib;
    }
};

const std::string above_frame(64 * kib + 1, 'f');

}  // namespace

BOOST_FIXTURE_TEST_SUITE(oversized_bodies, small_limits)

BOOST_AUTO_TEST_CASE(a_body_too_large_for_one_frame_is_refused_and_the_connection_goes_on) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "echo", std::string(64 * kib, 'x')));
    peer.expects_reply(1, std::string(64 * kib, 'x'));
    const auto too_large = raw::request(3, "echo", std::string(200 * kib, 'x'));
    const allocation_watch memory;
    peer.sends(too_large);
    const auto text = peer.expects_error(3, errc::message_too_large);
    BOOST_TEST(text.find("65536") != std::string::npos, "the limit is missing in: " << text);
    BOOST_TEST(memory.largest() < 300 * kib);  // only the bytes on their way
    expect_refused(errc::message_too_large);
    peer.sends(raw::request(3, "echo", "smaller"));
    peer.expects_reply(3, "smaller");
}

BOOST_AUTO_TEST_CASE(a_body_too_large_in_all_is_refused_once_and_its_rest_dropped) {
    auto peer = connect();
    peer.greets();
    const std::string part(64 * kib, 'x');
    peer.sends(raw::request(1, "echo", part, raw::more));
    for (int i = 0; i != 3; ++i) peer.sends(raw::piece(1, part, raw::more));
    peer.expects_nothing();
    peer.sends(raw::piece(1, "x", raw::more));
    const auto text = peer.expects_error(1, errc::message_too_large);
    BOOST_TEST(text.find("262144") != std::string::npos, "the limit is missing in: " << text);
    for (int i = 0; i != 10; ++i) peer.sends(raw::piece(1, part, raw::more));
    peer.sends(raw::piece(1, above_frame, raw::more));
    peer.sends(raw::piece(1, ""));
    peer.expects_nothing();
    expect_refused(errc::message_too_large);
    peer.sends(raw::request(1, "echo", "once more"));
    peer.expects_reply(1, "once more");
}

BOOST_AUTO_TEST_CASE(a_piece_too_large_for_one_frame_makes_the_whole_too_large) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "echo", "x", raw::more));
    peer.sends(raw::piece(1, above_frame, raw::more));
    peer.expects_error(1, errc::message_too_large);
    peer.sends(raw::piece(1, "rest"));
    peer.sends(raw::request(3, "echo", above_frame, raw::more) + raw::piece(3, "rest"));
    peer.expects_error(3, errc::message_too_large);
    peer.expects_nothing();
    peer.sends(raw::request(1, "echo", "once more"));
    peer.expects_reply(1, "once more");
}

BOOST_AUTO_TEST_CASE(a_body_declared_above_every_limit_ends_the_connection_unread) {
    std::size_t ended = 0;
    for (const auto kind : {frame_kind::request, frame_kind::response, frame_kind::notify, frame_kind{200}}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::header(static_cast<std::uint32_t>(8 + 256 * kib + 1), kind, 1, 0, raw::ignorable));
        attacker.expects_the_end_because(errc::frame_too_large);
        expect_closed(errc::frame_too_large, ++ended);
    }
}

BOOST_AUTO_TEST_CASE(a_kind_that_can_not_be_skipped_ends_the_connection_above_max_frame) {
    std::size_t ended = 0;
    for (const auto kind :
         {frame_kind::hello, frame_kind::error, frame_kind::cancel, frame_kind::end, frame_kind::credit,
          frame_kind::ping, frame_kind::pong, frame_kind::goaway, frame_kind{200}}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::bytes_of({.kind = kind, .body = above_frame}));
        attacker.expects_the_end_because(errc::frame_too_large);
        expect_closed(errc::frame_too_large, ++ended);
    }
}

BOOST_AUTO_TEST_CASE(what_nobody_waits_for_is_dropped_however_large) {
    auto peer = connect();
    peer.greets();
    for (const auto kind : {frame_kind::response, frame_kind::notify, frame_kind::item, frame_kind{200}})
        peer.sends(raw::bytes_of({.kind = kind, .flags = raw::ignorable, .id = 8, .body = above_frame}));
    for (int i = 0; i != 8; ++i) {
        peer.sends(raw::response(8, std::string(64 * kib, 'r'), raw::more));
        peer.sends(raw::bytes_of({frame_kind::notify, raw::more, 8, "", std::string(64 * kib, 'n')}));
    }
    peer.sends(raw::response(8, "") + raw::bytes_of({.kind = frame_kind::notify, .id = 8}));
    peer.sends(raw::request(1, "echo", "x"));
    peer.expects_reply(1, "x");
}

BOOST_AUTO_TEST_CASE(four_bodies_may_be_unfinished_and_no_fifth) {
    auto peer = connect();
    peer.greets();
    for (const std::uint32_t id : {1U, 3U, 5U, 7U}) peer.sends(raw::request(id, "echo", "begun", raw::more));
    peer.expects_nothing();
    peer.sends(raw::piece(5, " and done"));
    peer.expects_reply(5, "begun and done");
    peer.sends(raw::bytes_of({frame_kind::notify, raw::more, 9, "", "the fourth again"}));
    peer.expects_nothing();
    peer.sends(raw::request(11, "echo", "the fifth", raw::more));
    peer.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(bodies_that_are_only_dropped_count_as_unfinished_too) {
    auto peer = connect();
    peer.greets();
    for (const std::uint32_t id : {1U, 3U, 5U, 7U}) {
        peer.sends(raw::request(id, "echo", above_frame, raw::more));
        peer.expects_error(id, errc::message_too_large);
    }
    peer.sends(raw::request(9, "echo", above_frame, raw::more));
    peer.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(unfinished_bodies_hold_no_more_than_their_limit) {
    auto attacker = connect();
    attacker.greets();
    const allocation_watch memory;
    const std::string part(64 * kib, 'x');
    for (const std::uint32_t id : {1U, 3U, 5U, 7U}) {
        attacker.sends(raw::request(id, "echo", part, raw::more));
        for (int i = 0; i != 3; ++i) attacker.sends(raw::piece(id, part, raw::more));
    }
    BOOST_TEST(memory.peak() < 2 * 4 * 256 * kib + 1024 * kib);  // a string that grows has room for twice as much
    attacker.expects_nothing();
}

BOOST_AUTO_TEST_CASE(a_body_of_empty_pieces_without_end_grows_nothing) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::request(1, "echo", "", raw::more));
    std::string pieces;
    for (int i = 0; i != 1000; ++i) pieces += raw::piece(1, "", raw::more);
    const allocation_watch memory;
    for (int i = 0; i != 100; ++i) attacker.sends(pieces);
    BOOST_TEST(memory.peak() < 300 * kib);
    attacker.sends(raw::piece(1, "the end after all"));
    attacker.expects_reply(1, "the end after all");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_cancelled_half_way_is_answered_once) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "echo", "half", raw::more));
    peer.sends(raw::cancel(1) + raw::cancel(1));
    peer.expects_error(1, errc::cancelled);
    peer.sends(raw::piece(1, "more", raw::more) + raw::piece(1, "the rest"));
    peer.expects_nothing();
    peer.sends(raw::request(1, "echo", "afresh"));
    peer.expects_reply(1, "afresh");
}

BOOST_AUTO_TEST_CASE(an_answer_larger_than_its_caller_takes_becomes_an_error) {
    auto peer = connect();
    peer.greets({.name = "small", .max_frame = 1024, .max_message = 2048});
    peer.sends(raw::request(1, "big", "2049"));
    BOOST_TEST(peer.expects_error(1, errc::message_too_large).find("2048") != std::string::npos);
    peer.sends(raw::request(3, "big", "2048"));
    peer.expects_reply(3, std::string(2048, 'b'));
    peer.sends(raw::request(5, "complain"));
    BOOST_TEST(peer.expects_error(5, errc::task_failed).size() <= 1024U);
}

BOOST_AUTO_TEST_SUITE_END()
