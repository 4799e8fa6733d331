#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

std::string hello_with(std::string_view records) {
    const std::string head("ECHO\x01\x00\x00\x00", 8);
    return raw::bytes_of({.kind = frame_kind::hello, .body = head + std::string(records)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(greeting)

BOOST_FIXTURE_TEST_CASE(a_second_hello_ends_the_connection, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::hello());
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(whoever_does_not_greet_first_hears_nothing_but_the_end, hostile_fixture) {
    const std::vector<std::string> first_words = {
        raw::request(1, "echo", "a request before any HELLO"),
        raw::ping("are you there?"),
        raw::error(0, errc::abusive, "a server's refusal, said by a client"),
        raw::bytes_of({.kind = frame_kind{200}, .flags = raw::ignorable, .body = "from the future"}),
        raw::bytes_of({.kind = frame_kind::hello, .id = 1, .body = raw::hello().substr(12)}),
        raw::bytes_of({.kind = frame_kind::hello, .meta = raw::meta({.code = 1}), .body = raw::hello().substr(12)}),
    };
    std::size_t ended = 0;
    for (const auto& words : first_words) {
        auto attacker = connect();
        attacker.sends(words);
        attacker.expects_the_end();
        expect_closed(errc::not_echosocket, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(another_major_version_is_told_so, hostile_fixture) {
    std::size_t ended = 0;
    for (const std::uint16_t major : std::initializer_list<std::uint16_t>{0, 2, 0xffff}) {
        auto attacker = connect();
        attacker.sends(raw::hello({.major = major, .name = "from elsewhere"}));
        attacker.expects_the_end_because(errc::unsupported_version);
        expect_closed(errc::unsupported_version, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(a_later_minor_version_is_welcome, hostile_fixture) {
    auto peer = connect();
    BOOST_TEST(peer.greets({.minor = 0xffff, .name = "from the future"}).minor == 0);
    peer.sends(raw::request(1, "echo", "x"));
    peer.expects_reply(1, "x");
}

BOOST_FIXTURE_TEST_CASE(a_hello_with_a_bad_record_ends_the_connection, hostile_fixture) {
    using namespace std::string_literals;
    const auto name = "\x01\x01\x00x"s;
    const std::vector<std::string> records = {
        "",                                              // no name
        "\x01\x00\x00"s,                                 // an empty name
        "\x01\x02\x00\xc0\xaf"s,                         // not UTF-8: overlong
        "\x01\x03\x00\xed\xa0\x80"s,                     // not UTF-8: a surrogate
        "\x01\x00\x01"s + std::string(256, 'n'),         // too long a name
        name + "\x02\x01\x00\xff"s,                      // software that is not UTF-8
        name + "\x01"s,                                  // a record cut in its header
        name + "\x01\x05\x00x"s,                         // a record cut in its value
        name + "\xc8\xff\xff"s,                          // also if the record would be skipped
        name + "\x03\x03\x00\x00\x10\x00"s,              // max_frame of three bytes
        name + "\x03\x04\x00\xff\x03\x00\x00"s,          // max_frame below 1024
        name + "\x04\x08\x00\x00\x04\x00\x00\0\0\0\0"s,  // max_message below max_frame
        name + "\x06\x04\x00\x00\x00\x00\x80"s,          // credit of 2^31
    };
    std::size_t ended = 0;
    for (const auto& bad : records) {
        auto attacker = connect();
        attacker.sends(hello_with(bad));
        attacker.expects_the_end_because(errc::protocol_error);
        expect_closed(errc::protocol_error, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(a_split_hello_ends_the_connection, hostile_fixture) {
    auto attacker = connect();
    attacker.sends(raw::bytes_of({.kind = frame_kind::hello, .flags = raw::more, .body = raw::hello().substr(12)}));
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(a_name_full_of_control_characters_reaches_no_log, hostile_fixture) {
    auto attacker = connect();
    attacker.greets({.name = "\x1b[2J\x1b]0;owned\x07\r\n[info] all is well\xe2\x80\xae"});
    attacker.sends(raw::request(1, "\x1b[31mred\n", "x"));
    attacker.expects_error(1, errc::unknown_task);
    attacker.sends(raw::error(0, errc::task_failed, "\x1b[2J goodbye \x9b"));
    attacker.expects_the_end();  // the fixture checks the log
}

BOOST_FIXTURE_TEST_CASE(a_hello_that_never_ends_is_waited_for_for_five_seconds, hostile_fixture) {
    auto attacker = connect();
    attacker.sends(raw::hello().substr(0, 20));
    pass(4900ms, 100ms);
    attacker.expects_nothing();
    pass(200ms, 100ms);
    attacker.expects_the_end();
    expect_closed(errc::hello_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_hello_byte_by_byte_gets_no_more_time, hostile_fixture) {
    auto attacker = connect();
    for (const char byte : raw::hello().substr(0, 11)) {
        attacker.sends({&byte, 1});
        pass(500ms);
    }
    attacker.expects_the_end();
    expect_closed(errc::hello_timeout);
}

BOOST_FIXTURE_TEST_CASE(a_bad_greeting_near_the_time_limit_is_still_answered, hostile_fixture) {
    auto attacker = connect();
    pass(4990ms, 10ms);
    attacker.sends(raw::hello({.major = 2, .name = "late"}));
    pass(500ms, 10ms);
    attacker.expects_the_end_because(errc::unsupported_version);
    expect_closed(errc::unsupported_version);
}

BOOST_FIXTURE_TEST_CASE(a_thousand_half_greetings_hold_up_nobody_and_little_memory, hostile_fixture) {
    std::vector<raw_peer> crowd;
    const allocation_watch memory;
    for (int i = 0; i != 1000; ++i) {
        crowd.push_back(connect());
        crowd.back().sends(raw::hello().substr(0, 1 + static_cast<std::size_t>(i) % 30));
    }
    BOOST_TEST(attackers() == 1000);
    BOOST_TEST_MESSAGE("1000 half HELLOs: " << memory.peak() << " bytes");
    BOOST_TEST(memory.peak() < 1000 * 80 * 1024);

    auto honest = connect_client();
    auto answer = spawn([&] { return honest.call<std::string>("echo", std::string("let me through")); });
    settle();
    BOOST_TEST((answer.done() && answer.get() == "let me through"));

    pass(5s);
    for (auto& one : crowd) one.expects_the_end();
    expect_closed(errc::hello_timeout, 1000);
}

BOOST_AUTO_TEST_SUITE_END()
