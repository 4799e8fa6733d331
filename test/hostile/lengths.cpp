#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

constexpr std::uint32_t counted_header = 8;
/// One block to read into, the test's own memory, and a little more: far below any size declared here.
constexpr std::size_t little = 200 * 1024;

}  // namespace

BOOST_AUTO_TEST_SUITE(lengths)

BOOST_FIXTURE_TEST_CASE(a_length_too_short_for_a_header_ends_the_connection, hostile_fixture) {
    for (const std::uint32_t length : {0U, 1U, 4U, 7U}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::header(length, frame_kind::ping, 0));
        attacker.expects_the_end_because(errc::protocol_error);
    }
    expect_closed(errc::protocol_error, 4);
}

BOOST_FIXTURE_TEST_CASE(a_length_above_every_limit_ends_the_connection_after_four_bytes, hostile_fixture) {
    const auto above = static_cast<std::uint32_t>(counted_header + wire::max_meta + 16 * mib + 1);
    std::size_t ended = 0;
    for (const std::uint32_t length : {above, 0x7fffffffU, 0x80000000U, 0x80000001U, 0xfffffff7U, 0xffffffffU}) {
        auto attacker = connect();
        attacker.greets();
        const allocation_watch memory;
        attacker.sends(raw::header(length, frame_kind::request, 1).substr(0, 4));
        const auto text = attacker.expects_the_end_because(errc::frame_too_large);
        BOOST_TEST(text.find("16777216") != std::string::npos, "the limit is missing in: " << text);
        BOOST_TEST(memory.peak() < little);
        expect_closed(errc::frame_too_large, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(a_declared_length_alone_takes_no_memory, hostile_fixture) {
    config.limits.max_frame = 64 * mib;
    config.limits.max_message = 1024 * mib;
    for (const std::size_t body : {mib, 64 * mib, 65 * mib, 1024 * mib}) {
        auto attacker = connect();
        attacker.greets();
        const allocation_watch memory;
        const auto length = static_cast<std::uint32_t>(counted_header + body);
        attacker.sends(raw::header(length, frame_kind::request, 1));
        attacker.sends(std::string(100, 'x'));
        if (body > config.limits.max_frame) attacker.expects_error(1, errc::message_too_large);
        attacker.expects_nothing();
        BOOST_TEST(memory.peak() < little);
        BOOST_TEST(memory.largest() < little);
    }
}

BOOST_FIXTURE_TEST_CASE(memory_follows_what_has_come_of_a_frame, hostile_fixture) {
    config.limits.max_frame = 64 * mib;
    config.limits.max_message = 64 * mib;
    auto attacker = connect();
    attacker.greets();
    const allocation_watch memory;
    attacker.sends(raw::header(static_cast<std::uint32_t>(counted_header + 64 * mib), frame_kind::request, 1));
    const std::string part(64 * 1024, 'x');
    attacker.sends(part);
    BOOST_TEST(memory.peak() < 33 * part.size() + little);
    attacker.sends(part);
    attacker.sends(part);
    BOOST_TEST(memory.peak() < 33 * part.size() + little);
    attacker.expects_nothing();
}

BOOST_FIXTURE_TEST_CASE(a_hello_is_held_against_its_own_limit, hostile_fixture) {
    std::size_t ended = 0;
    for (const std::uint32_t length : {0U, 15U, 16385U, 1U << 20, 0x80000000U, 0xffffffffU}) {
        auto attacker = connect();
        attacker.sends(raw::header(length, frame_kind::hello, 0).substr(0, 4));
        attacker.expects_the_end();
        expect_closed(errc::not_echosocket, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(the_largest_hello_is_taken_whatever_the_limits_for_later_frames, hostile_fixture) {
    config.limits.max_frame = 1024;
    config.limits.max_message = 1024;
    auto peer = connect();
    raw::frame largest{.kind = frame_kind::hello, .body = raw::hello().substr(wire::header_size)};
    const std::size_t padding = wire::max_hello - counted_header - largest.body.size() - 3;
    largest.body += '\xc8';  // a record of a later version
    largest.body += static_cast<char>(padding % 256);
    largest.body += static_cast<char>(padding / 256);
    largest.body.append(padding, 'p');
    peer.sends(raw::bytes_of(largest));
    BOOST_TEST(peer.expects_hello().max_frame == 1024);
    peer.sends(raw::request(1, "echo", "x"));
    peer.expects_reply(1, "x");
}

BOOST_FIXTURE_TEST_CASE(a_meta_longer_than_its_frame_or_its_limit_ends_the_connection, hostile_fixture) {
    auto longer_than_the_frame = connect();
    longer_than_the_frame.greets();
    longer_than_the_frame.sends(raw::header(counted_header + 4, frame_kind::request, 1, 5));
    longer_than_the_frame.expects_the_end_because(errc::protocol_error);

    auto longer_than_allowed = connect();
    longer_than_allowed.greets();
    longer_than_allowed.sends(raw::header(counted_header + 5000, frame_kind::request, 1, 4097));
    longer_than_allowed.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error, 2);
}

BOOST_AUTO_TEST_SUITE_END()
