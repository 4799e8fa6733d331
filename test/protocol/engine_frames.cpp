#include "support/engine_end.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using protocol::role;
using wire::frame_kind;

namespace {

constexpr auto ignorable = raw::ignorable;

limits small_limits() {
    return {.max_message = 64, .max_frame = 16};
}

/// What a greeted server says when it hears these bytes.
std::string answer_to(std::string_view bytes, const limits& given = {}) {
    engine_end server(role::server, {.limits = given});
    server.open();
    server.hear(bytes);
    return server.says();
}

std::string frame_of(frame_kind kind, std::uint32_t id, std::size_t body_size, std::uint8_t flags = 0) {
    return raw::bytes_of({kind, flags, id, {}, std::string(body_size, 'x')});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_frames)

BOOST_AUTO_TEST_CASE(frames_are_the_same_in_chunks_of_any_size) {
    const auto bytes = raw::request(1, "echo", "a") + raw::ping("b") + raw::request(3, "echo", std::string(300, 'c')) +
                       raw::request(5, "echo", "d", raw::more) + raw::piece(5, "e") + raw::ping();
    const std::string expected = "RESPONSE 1 \"a\"; PONG 0 \"b\"; RESPONSE 3 <300 bytes>; RESPONSE 5 \"de\"; PONG 0";
    for (const std::size_t chunk : {1U, 2U, 3U, 7U, 11U, 12U, 13U, 100U, 1000U}) {
        engine_end server(role::server);
        server.open();
        server.hear(bytes, chunk);
        BOOST_TEST(server.says() == expected);
        BOOST_TEST(server.engine.is_between_frames());
    }
}

BOOST_AUTO_TEST_CASE(a_length_below_8_is_a_protocol_error) {
    for (const std::uint32_t length : {0U, 1U, 7U})
        BOOST_TEST(answer_to(raw::header(length, frame_kind::ping, 0).substr(0, 4)) == "ERROR 0 protocol_error");
    BOOST_TEST(answer_to(raw::header(8, frame_kind::ping, 0)) == "PONG 0");
}

BOOST_AUTO_TEST_CASE(a_meta_above_4096_bytes_is_a_protocol_error) {
    BOOST_TEST(answer_to(raw::header(5000, frame_kind::request, 1, 4097)) == "ERROR 0 protocol_error");
    BOOST_TEST(answer_to(raw::header(5000, frame_kind::request, 1, 4096)) == "");
}

BOOST_AUTO_TEST_CASE(a_meta_that_exceeds_its_frame_is_a_protocol_error) {
    BOOST_TEST(answer_to(raw::header(12, frame_kind::request, 1, 5)) == "ERROR 0 protocol_error");
    BOOST_TEST(answer_to(raw::header(12, frame_kind::request, 1, 4)) == "");
}

BOOST_AUTO_TEST_CASE(a_meta_that_cannot_be_read_is_a_protocol_error) {
    const std::string cut("\1\5\0abc", 6);
    for (const auto kind : {frame_kind::request, frame_kind::cancel, frame_kind::notify, frame_kind::item,
                            frame_kind::end, frame_kind::credit, frame_kind::error})
        BOOST_TEST(answer_to(raw::bytes_of({kind, 0, 1, cut, {}})) == "ERROR 0 protocol_error");
    for (const auto kind : {frame_kind::ping, frame_kind::pong, frame_kind::goaway})
        BOOST_TEST(answer_to(raw::bytes_of({kind, 0, 0, cut, {}})) == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_known_record_of_an_invalid_length_is_a_protocol_error) {
    const std::string name("\1\4\0echo", 7);
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::request, 0, 1, name + std::string("\2\3\0abc", 6), {}})) ==
               "ERROR 0 protocol_error");
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::request, 0, 1, std::string("\1\0\0", 3), {}})) ==
               "ERROR 0 protocol_error");
    const auto trace_id_of = [](std::size_t size) {
        return std::string{5, static_cast<char>(size), 0} + std::string(size, 't');
    };
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::request, 0, 1, name + trace_id_of(65), {}})) ==
               "ERROR 0 protocol_error");
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::request, 0, 1, name + trace_id_of(64), {}})) == "RESPONSE 1");
}

BOOST_AUTO_TEST_CASE(unknown_records_are_skipped_and_of_repeated_ones_the_last_counts) {
    const std::string meta("\1\1\0a\xc8\2\0??\1\4\0echo", 16);
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::request, 0, 1, meta, "x"})) == "RESPONSE 1 \"x\"");
}

BOOST_AUTO_TEST_CASE(known_records_on_frames_where_they_mean_nothing_are_skipped) {
    const auto meta = raw::meta({.name = "n", .deadline_ms = 0, .code = 5, .credit = 9});
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::ping, 0, 0, meta, "x"})) == "PONG 0 \"x\"");
}

BOOST_AUTO_TEST_CASE(a_body_above_max_message_ends_the_connection_at_its_header) {
    const limits above_64k{.max_message = 70'000, .max_frame = 1024};
    BOOST_TEST(answer_to(raw::header(8 + 70'001, frame_kind::request, 1), above_64k) == "ERROR 0 frame_too_large");
    BOOST_TEST(answer_to(raw::header(8 + 70'000, frame_kind::request, 1), above_64k) == "ERROR 1 message_too_large");
}

BOOST_AUTO_TEST_CASE(a_server_takes_what_a_client_may_send_before_its_hello) {
    BOOST_TEST(answer_to(raw::header(8 + 65'537, frame_kind::request, 1), small_limits()) == "ERROR 0 frame_too_large");
    BOOST_TEST(answer_to(raw::header(8 + 65'536, frame_kind::request, 1), small_limits()) ==
               "ERROR 1 message_too_large");
}

BOOST_AUTO_TEST_CASE(a_length_that_no_meta_explains_ends_the_connection_at_the_fourth_byte) {
    const auto first_four = [](std::uint32_t length) {
        return raw::header(length, frame_kind::request, 1).substr(0, 4);
    };
    BOOST_TEST(answer_to(first_four(8 + 4096 + 65'537), small_limits()) == "ERROR 0 frame_too_large");
    BOOST_TEST(answer_to(first_four(8 + 4096 + 65'536), small_limits()) == "");
}

BOOST_AUTO_TEST_CASE(a_body_above_max_frame_is_skipped_and_the_connection_goes_on) {
    BOOST_TEST(answer_to(frame_of(frame_kind::request, 1, 17) + raw::ping("on"), small_limits()) ==
               "ERROR 1 message_too_large; PONG 0 \"on\"");
    BOOST_TEST(answer_to(frame_of(frame_kind::response, 2, 17) + raw::ping("on"), small_limits()) == "PONG 0 \"on\"");
    BOOST_TEST(answer_to(frame_of(frame_kind::notify, 0, 17) + raw::ping("on"), small_limits()) == "PONG 0 \"on\"");
    BOOST_TEST(answer_to(frame_of(frame_kind::item, 1, 17) + raw::ping("on"), small_limits()) == "PONG 0 \"on\"");
    BOOST_TEST(answer_to(frame_of(frame_kind{200}, 1, 17, ignorable) + raw::ping("on"), small_limits()) ==
               "PONG 0 \"on\"");
}

BOOST_AUTO_TEST_CASE(a_skipped_body_may_come_byte_by_byte) {
    engine_end server(role::server, {.limits = small_limits()});
    server.open();
    server.hear(frame_of(frame_kind::request, 1, 64), 1);
    BOOST_TEST(server.engine.is_between_frames());
    server.hear(raw::request(1, "echo", "a") + raw::ping("on"), 1);
    BOOST_TEST(server.says() == "ERROR 1 message_too_large; RESPONSE 1 \"a\"; PONG 0 \"on\"");
}

BOOST_AUTO_TEST_CASE(a_body_above_max_frame_of_a_kind_that_cannot_be_skipped_is_frame_too_large) {
    for (const auto kind : {frame_kind::error, frame_kind::cancel, frame_kind::end, frame_kind::credit,
                            frame_kind::ping, frame_kind::pong, frame_kind::goaway, frame_kind{200}})
        BOOST_TEST(answer_to(frame_of(kind, 0, 17), small_limits()) == "ERROR 0 frame_too_large");
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_with_ignorable_is_skipped_whatever_it_holds) {
    const std::string no_meta("\1\xff\0", 3);
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind{13}, ignorable, 7, no_meta, "x"}) + raw::ping("on")) ==
               "PONG 0 \"on\"");
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind{0}, ignorable | raw::more, 0, {}, {}}) + raw::ping("on")) ==
               "PONG 0 \"on\"");
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_without_ignorable_ends_the_connection_and_is_named) {
    engine_end server(role::server);
    server.open();
    server.hear(frame_of(frame_kind{13}, 0, 1));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    BOOST_TEST(server.engine.cause().detail.find("13") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ignorable_and_unknown_flags_mean_nothing_on_known_kinds) {
    BOOST_TEST(answer_to(raw::bytes_of({frame_kind::ping, 0xfe, 0, {}, "x"})) == "PONG 0 \"x\"");
    BOOST_TEST(answer_to(raw::request(1, "echo", "x", 0xfe)) == "RESPONSE 1 \"x\"");
}

BOOST_AUTO_TEST_CASE(more_on_a_kind_that_is_never_split_is_a_protocol_error) {
    for (const auto kind : {frame_kind::error, frame_kind::cancel, frame_kind::item, frame_kind::end,
                            frame_kind::credit, frame_kind::ping, frame_kind::pong, frame_kind::goaway})
        BOOST_TEST(answer_to(frame_of(kind, 0, 0, raw::more)) == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(an_id_on_a_frame_about_the_connection_is_a_protocol_error) {
    for (const auto kind : {frame_kind::hello, frame_kind::ping, frame_kind::pong, frame_kind::goaway})
        BOOST_TEST(answer_to(frame_of(kind, 1, 0)) == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(what_follows_a_frame_that_breaks_a_rule_is_not_handled) {
    engine_end server(role::server);
    server.open();
    server.hear(frame_of(frame_kind::ping, 1, 0) + raw::request(1, "wait"));
    BOOST_TEST(server.events() == "closed protocol_error");
    server.hear(raw::request(3, "wait"));
    BOOST_TEST(server.events() == "");
    BOOST_TEST(server.engine.unread() == 0U);
}

BOOST_AUTO_TEST_CASE(an_error_about_the_connection_ends_it_and_its_text_is_made_safe) {
    engine_end client(role::client);
    client.open();
    const auto call = client.call("wait");
    client.hear(raw::error(0, errc::idle_timeout, "be\x1b[31mgone"));
    BOOST_TEST(client.events() == "closed idle_timeout; call_failed wait idle_timeout started");
    BOOST_TEST(client.engine.cause().detail == "the other side closed the connection: be?[31mgone");
}

BOOST_AUTO_TEST_CASE(the_size_of_a_frame_that_has_begun_is_known_from_its_header) {
    engine_end server(role::server);
    server.open();
    const auto bytes = raw::request(1, "echo", std::string(1000, 'x'));
    server.hear(std::string_view(bytes).substr(0, 3));
    BOOST_TEST(server.engine.wanted() == 4U);
    server.hear(std::string_view(bytes).substr(3, 2));
    BOOST_TEST(server.engine.wanted() == 12U);
    server.hear(std::string_view(bytes).substr(5, 7));
    BOOST_TEST(server.engine.wanted() == bytes.size());
    BOOST_TEST(!server.engine.is_between_frames());
    server.hear(std::string_view(bytes).substr(12));
    BOOST_TEST(server.engine.wanted() == 0U);
    BOOST_TEST(server.engine.is_between_frames());
}

BOOST_AUTO_TEST_CASE(a_ping_is_answered_with_its_body_ahead_of_running_calls) {
    BOOST_TEST(answer_to(raw::request(1, "wait") + raw::ping(std::string(64, 'p'))) == "PONG 0 <64 bytes>");
    BOOST_TEST(answer_to(raw::ping(std::string(65, 'p'))) == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_pong_that_nobody_asked_for_is_ignored) {
    BOOST_TEST(answer_to(raw::bytes_of({.kind = frame_kind::pong, .body = "goaway"}) + raw::ping("on")) ==
               "PONG 0 \"on\"");
}

BOOST_AUTO_TEST_SUITE_END()
