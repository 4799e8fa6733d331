#include "support/hostile_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

BOOST_AUTO_TEST_SUITE(broken_rules)

BOOST_FIXTURE_TEST_CASE(an_unknown_kind_ends_the_connection_with_its_name, hostile_fixture) {
    std::size_t ended = 0;
    for (const std::uint8_t kind : std::initializer_list<std::uint8_t>{0, 13, 200, 255}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::bytes_of({.kind = frame_kind{kind}, .id = 7, .body = "from the future"}));
        const auto text = attacker.expects_the_end_because(errc::protocol_error);
        BOOST_TEST(text.find(std::to_string(kind)) != std::string::npos, "the kind is missing in: " << text);
        expect_closed(errc::protocol_error, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(an_unknown_kind_to_be_ignored_is_skipped_whatever_it_holds, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "hold"));
    for (const std::uint8_t kind : std::initializer_list<std::uint8_t>{0, 13, 200, 255}) {
        raw::frame strange{frame_kind{kind}, raw::ignorable, 1, "\xff\xff no records", std::string(100'000, '\xee')};
        peer.sends(raw::bytes_of(strange));
        strange.flags = 0xff;
        peer.sends(raw::bytes_of(strange));
    }
    peer.sends(raw::request(3, "echo", "still here"));
    peer.expects_reply(3, "still here");
}

BOOST_FIXTURE_TEST_CASE(unknown_flags_are_ignored, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "echo", "x", 0xfe));
    peer.expects_reply(1, "x");
}

BOOST_FIXTURE_TEST_CASE(a_request_with_an_id_it_must_not_have_ends_the_connection, hostile_fixture) {
    std::size_t ended = 0;
    for (const std::uint32_t id : {0U, 2U, 0xfffffffeU}) {
        for (const std::uint8_t flags : {std::uint8_t{0}, raw::more}) {
            auto attacker = connect();
            attacker.greets();
            attacker.sends(raw::request(id, "echo", "x", flags));
            const auto text = attacker.expects_the_end_because(errc::protocol_error);
            BOOST_TEST(text.find(std::to_string(id)) != std::string::npos, "the id is missing in: " << text);
            expect_closed(errc::protocol_error, ++ended);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_request_with_the_id_of_a_running_call_ends_the_connection, hostile_fixture) {
    std::size_t ended = 0;
    for (const auto& again : {raw::request(1, "echo", "x"), raw::request(1, "echo", "x", raw::more),
                              raw::header(8 + 2 * 1024 * 1024, frame_kind::request, 1)}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::request(1, "hold"));
        attacker.sends(again);
        attacker.expects_the_end_because(errc::protocol_error);
        expect_closed(errc::protocol_error, ++ended);
        BOOST_TEST(holding() == 0U);
        BOOST_TEST(cancelled_holds() == ended);
    }
}

BOOST_FIXTURE_TEST_CASE(an_id_may_be_used_again_once_its_call_is_answered, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    for (int i = 0; i != 3; ++i) {
        peer.sends(raw::request(0xffffffff, "echo", "again"));
        peer.expects_reply(0xffffffff, "again");
    }
}

BOOST_FIXTURE_TEST_CASE(an_id_on_a_frame_about_the_connection_ends_it, hostile_fixture) {
    std::size_t ended = 0;
    for (const auto kind : {frame_kind::ping, frame_kind::pong, frame_kind::goaway, frame_kind::hello}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::bytes_of({.kind = kind, .id = 1}));
        attacker.expects_the_end_because(errc::protocol_error);
        expect_closed(errc::protocol_error, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(more_on_a_kind_that_is_never_split_ends_the_connection, hostile_fixture) {
    std::size_t ended = 0;
    for (const auto kind : {frame_kind::error, frame_kind::cancel, frame_kind::item, frame_kind::end,
                            frame_kind::credit, frame_kind::ping, frame_kind::pong, frame_kind::goaway}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::bytes_of({.kind = kind, .flags = raw::more}));
        attacker.expects_the_end_because(errc::protocol_error);
        expect_closed(errc::protocol_error, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(a_split_notification_without_an_id_ends_the_connection, hostile_fixture) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(raw::bytes_of({frame_kind::notify, raw::more, 0, raw::meta({.name = "news"}), "to be "}));
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(meta_that_is_cut_short_or_of_a_wrong_size_ends_the_connection, hostile_fixture) {
    using namespace std::string_literals;
    const auto name = "\x01\x04\x00"s + "echo";
    const std::vector<std::string> metas = {
        name + "\x02",                       // cut in a record's header
        name + "\x02\x04\x00\x01"s,          // cut in a record's value
        name + "\xc8\xff\xff"s,              // also if the record would be skipped
        name + "\x02\x03\x00\x01\x02\x03"s,  // a deadline of three bytes
        name + "\x07\x00\x00"s,              // a content type of zero bytes
        "\x01\x00\x00"s,                     // an empty name
        "\x01\x00\x01"s + std::string(256, 'n'),
        name + "\x05\x41\x00"s + std::string(65, 't'),  // too long a trace id
        name + "\x06\x41\x00"s + std::string(65, 'k'),
    };
    std::size_t ended = 0;
    for (const auto& bad : metas) {
        for (const auto& f :
             {raw::frame{frame_kind::request, 0, 1, bad, "x"}, raw::frame{frame_kind::request, raw::more, 1, bad, "x"},
              raw::frame{frame_kind::notify, 0, 0, bad, "x"}, raw::frame{frame_kind::error, 0, 0, bad, "x"}}) {
            auto attacker = connect();
            attacker.greets();
            attacker.sends(raw::bytes_of(f));
            attacker.expects_the_end_because(errc::protocol_error);
            expect_closed(errc::protocol_error, ++ended);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_request_that_names_no_task_is_a_bad_request, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::bytes_of({.kind = frame_kind::request, .id = 1, .body = "x"}));
    peer.expects_error(1, errc::bad_request);
    peer.sends(raw::request(3, "ech\xff", "x"));
    peer.expects_error(3, errc::bad_request);
    peer.sends(raw::request(5, "\xed\xa0\x80", "x"));
    peer.expects_error(5, errc::bad_request);
    expect_refused(errc::bad_request, 3);
    peer.sends(raw::request(7, std::string("echo\0", 5), "x"));
    BOOST_TEST(peer.expects_error(7, errc::unknown_task).find("echo") != std::string::npos);
    peer.sends(raw::request(9, "echo", "x"));
    peer.expects_reply(9, "x");
}

BOOST_FIXTURE_TEST_CASE(deep_nesting_is_a_bad_request_at_any_depth, hostile_fixture) {
    config.limits.max_frame = 1024 * 1024;
    auto peer = connect();
    peer.greets();
    std::uint32_t id = 1;
    for (const std::size_t depth : {65U, 1'000U, 1'000'000U}) {
        for (const std::string_view open : {"[", "{\"a\":"}) {
            std::string body;
            for (std::size_t i = 0; i != depth && body.size() + open.size() <= 1024 * 1024; ++i) body += open;
            peer.sends(raw::request(id, "sum", body));
            peer.expects_error(id, errc::bad_request);
            peer.sends(raw::request(id, "sum", body.substr(0, 1000) + "]]]"));
            peer.expects_error(id, errc::bad_request);
            id += 2;
        }
    }
    peer.sends(raw::request(id, "sum", "[[1,2,3]]"));
    peer.expects_reply(id, "6");
}

BOOST_FIXTURE_TEST_CASE(a_ping_of_more_than_64_bytes_ends_the_connection, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::ping(std::string(64, 'p')));
    peer.expects_pong(std::string(64, 'p'));
    peer.sends(raw::ping(std::string(65, 'p')));
    peer.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_FIXTURE_TEST_CASE(what_belongs_to_no_call_is_ignored, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    for (const std::uint32_t id : {1U, 2U, 77U, 0xffffffffU}) {
        peer.sends(raw::response(id, "unasked"));
        peer.sends(raw::error(id, errc::overloaded, "unasked"));
        peer.sends(raw::cancel(id));
        for (const auto kind : {frame_kind::item, frame_kind::end, frame_kind::credit, frame_kind::notify})
            peer.sends(raw::bytes_of({.kind = kind, .id = id, .body = "unasked"}));
    }
    peer.sends(raw::bytes_of({.kind = frame_kind::pong, .body = "unasked"}));
    peer.sends(raw::request(1, "echo", "x"));
    peer.expects_reply(1, "x");
}

BOOST_FIXTURE_TEST_CASE(stream_frames_on_a_call_without_streams_end_the_connection, hostile_fixture) {
    std::size_t ended = 0;
    for (const auto kind : {frame_kind::item, frame_kind::end, frame_kind::credit}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(raw::request(1, "hold"));
        attacker.sends(raw::bytes_of({.kind = kind, .id = 1}));
        attacker.expects_the_end_because(errc::protocol_error);
        expect_closed(errc::protocol_error, ++ended);
    }
}

BOOST_FIXTURE_TEST_CASE(a_client_that_says_goodbye_twice_still_gets_its_answers, hostile_fixture) {
    auto peer = connect();
    peer.greets();
    peer.sends(raw::request(1, "later", "100"));
    peer.sends(raw::goaway(0) + raw::goaway(0));
    peer.expects_nothing();
    pass(100ms, 10ms);
    peer.expects_reply(1, "100");
    peer.expects_nothing();
    BOOST_TEST(attackers() == 1U);
    peer.leaves();
    BOOST_TEST(attackers() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
