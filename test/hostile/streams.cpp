// Peers that break the rules of streams, or abuse them within the rules.
#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

constexpr std::uint8_t from_caller = wire::stream_from_caller;
constexpr std::uint8_t to_caller = wire::stream_to_caller;
constexpr std::uint32_t window = 4096;

struct hostile_streams_fixture : hostile_fixture {
    hostile_streams_fixture() { config.limits.stream_credit = window; }

    /// An attacker with a running stream call.
    raw_peer connect_with(std::string_view task, std::uint8_t streams, const wire::hello& hello = {.name = "evil"}) {
        auto attacker = connect();
        attacker.greets(hello);
        attacker.sends(raw::stream_request(1, task, streams));
        return attacker;
    }
    /// Only items may come before the connection ends.
    void expect_protocol_error(raw_peer& attacker, std::string_view text_has, std::size_t so_far) {
        const auto text = attacker.expects_the_end_at_last_because(errc::protocol_error);
        BOOST_TEST(text.find(text_has) != std::string::npos, text);
        expect_closed(errc::protocol_error, so_far);
        BOOST_TEST(stats().running_calls == 1U, "the attacker's call is left running");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(streams, hostile_streams_fixture)

BOOST_AUTO_TEST_CASE(an_item_or_an_end_behind_the_end_ends_the_connection) {
    std::size_t ended = 0;
    for (const auto& again : {raw::item(1, "late"), raw::end(1), raw::end(1, errc::task_failed)}) {
        auto attacker = connect_with("take", from_caller);
        attacker.sends(raw::item(1, "x") + raw::end(1));
        attacker.expects_nothing();
        attacker.sends(again);
        expect_protocol_error(attacker, "behind the END", ++ended);
    }
}

BOOST_AUTO_TEST_CASE(items_beyond_the_credit_end_the_connection) {
    auto attacker = connect_with("take", from_caller);
    const std::string quarter(window / 4 - 12, 'q');
    for (int i = 0; i != 4; ++i) attacker.sends(raw::item(1, quarter));
    attacker.expects_nothing();
    attacker.sends(raw::item(1, ""));
    expect_protocol_error(attacker, "credit", 1);
}

BOOST_AUTO_TEST_CASE(credit_above_the_largest_there_is_ends_the_connection) {
    std::size_t ended = 0;
    for (const auto& flood :
         {raw::credit(1, 2'147'483'647) + raw::credit(1, 2'147'483'647), raw::credit(1, 0xffffffff)}) {
        auto attacker = connect_with("give", to_caller);
        attacker.sends(flood);
        expect_protocol_error(attacker, "CREDIT", ++ended);
    }
}

BOOST_AUTO_TEST_CASE(a_credit_without_its_record_ends_the_connection) {
    auto attacker = connect_with("give", to_caller);
    attacker.sends(raw::bytes_of({.kind = frame_kind::credit, .id = 1}));
    expect_protocol_error(attacker, "CREDIT", 1);
}

BOOST_AUTO_TEST_CASE(frames_against_the_direction_of_the_streams_end_the_connection) {
    const std::vector<std::pair<std::uint8_t, std::string>> attacks{
        {to_caller, raw::item(1, "x")}, {to_caller, raw::end(1)}, {from_caller, raw::credit(1, 1)}};
    std::size_t ended = 0;
    for (const auto& [streams, frame] : attacks) {
        auto attacker = connect_with(streams == to_caller ? "give" : "take", streams);
        attacker.sends(frame);
        expect_protocol_error(attacker, streams == to_caller ? "from there" : "from here", ++ended);
    }
}

BOOST_AUTO_TEST_CASE(frames_of_streams_on_a_running_call_without_any_end_the_connection) {
    std::size_t ended = 0;
    for (const auto& frame : {raw::item(1, "x"), raw::end(1), raw::credit(1, 1)}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::request(1, "hold"));
        attacker.sends(frame);
        expect_protocol_error(attacker, "without streams", ++ended);
    }
}

BOOST_AUTO_TEST_CASE(frames_of_streams_for_unknown_and_ended_calls_are_ignored) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "echo", "x"));
    peer.expects_reply(1, "x");
    for (const std::uint32_t id : {0U, 1U, 2U, 77U, 0xffffffffU})
        peer.sends(raw::item(id, "x") + raw::end(id) + raw::credit(id, 0xffffffff) + raw::end(id));
    peer.sends(raw::request(1, "echo", "still here"));
    peer.expects_reply(1, "still here");
}

BOOST_AUTO_TEST_CASE(streams_that_do_not_suit_the_task_are_refused_and_their_items_ignored) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::stream_request(1, "echo", from_caller, "x") + raw::item(1, "x") + raw::end(1));
    peer.expects_error(1, errc::bad_request);
    peer.sends(raw::stream_request(3, "take", to_caller) + raw::credit(3, 5));
    peer.expects_error(3, errc::bad_request);
    peer.sends(raw::request(5, "take") + raw::item(5, "x"));
    peer.expects_error(5, errc::bad_request);
    expect_refused(errc::bad_request, 3);
    peer.sends(raw::request(1, "echo", "still here"));
    peer.expects_reply(1, "still here");
}

BOOST_AUTO_TEST_CASE(an_item_above_max_frame_fails_its_call_alone) {
    config.limits.max_frame = 1024;
    auto peer = connect_with("take", from_caller);
    peer.sends(raw::item(1, std::string(1025, 'x')));
    peer.expects_error(1, errc::message_too_large);
    peer.sends(raw::request(1, "echo", "still here"));
    peer.expects_reply(1, "still here");
}

BOOST_AUTO_TEST_CASE(a_record_of_a_later_version_makes_no_failure_of_an_end) {
    auto peer = connect_with("sum up", from_caller);
    peer.sends(raw::item(1, "20") + raw::item(1, "22"));
    peer.sends(raw::bytes_of({.kind = frame_kind::end, .id = 1, .meta = std::string("\xc8\x01\x00x", 4)}));
    peer.expects_reply(1, "42");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_never_ended_costs_its_window_and_no_more) {
    auto attacker = connect_with("take", from_caller);
    const allocation_watch memory;
    // The smallest possible items, each of which costs more memory here than on the wire.
    for (std::uint32_t sent = 0; sent + 12 <= window; sent += 12) attacker.sends(raw::item(1, ""));
    BOOST_TEST(memory.peak() < 10 * window);
    pass(1h, 20s);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::ping_timeout);
    BOOST_TEST(stats().running_calls == 1U);
}

BOOST_AUTO_TEST_CASE(one_who_grants_much_and_reads_nothing_does_not_fill_the_memory) {
    auto attacker = connect();
    attacker.greets({.name = "evil", .stream_credit = 2'147'483'647});
    attacker.reads_only(0);
    const allocation_watch memory;
    for (std::uint32_t id = 1; id != 41; id += 2)
        attacker.sends(raw::stream_request(id, "give", to_caller) + raw::stream_request(id + 40, "give aside", 2));
    settle();
    BOOST_TEST(memory.peak() < 12 * mib, "held " << memory.peak());
    BOOST_TEST(stats().running_calls == 41U);
    pass(11s);
    BOOST_TEST(attackers() == 0U);
    expect_closed(errc::write_stalled);
    BOOST_TEST(stats().running_calls == 1U);
}

BOOST_AUTO_TEST_CASE(streams_share_the_line_fairly_with_one_who_grants_much) {
    auto greedy = connect();
    greedy.greets({.name = "greedy", .stream_credit = 2'147'483'647});
    for (const std::uint32_t id : {1U, 3U, 5U}) greedy.sends(raw::stream_request(id, "give", to_caller));
    std::vector<std::size_t> items(6);
    for (int i = 0; i != 1200; ++i) ++items.at(greedy.expects_frame().id);
    for (const std::uint32_t id : {1U, 3U, 5U}) BOOST_TEST(items[id] > 200U, id << " sent " << items[id]);
    greedy.leaves();
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_cancelled_twice_is_answered_once) {
    auto peer = connect_with("give", to_caller);
    peer.sends(raw::cancel(1) + raw::cancel(1) + raw::credit(1, 100));
    std::size_t answers = 0;
    while (peer.unread() != 0) answers += peer.expects_frame().kind == frame_kind::response ? 1 : 0;
    BOOST_TEST(answers == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
