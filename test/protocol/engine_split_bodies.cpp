#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace std::chrono_literals;
using namespace echosocket::test;
using protocol::role;
using wire::frame_kind;

namespace {

limits small_limits() {
    return {.max_message = 64, .max_frame = 16};
}

std::string notify_piece(std::uint32_t id, std::string_view topic, std::string_view body, std::uint8_t flags) {
    return raw::bytes_of(
        {frame_kind::notify, flags, id, topic.empty() ? "" : raw::meta({.name = topic}), std::string(body)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_split_bodies)

BOOST_AUTO_TEST_CASE(a_body_above_max_frame_goes_out_in_pieces_and_arrives_whole) {
    engine_pair pair({.name = "client"}, {.limits = {.max_frame = 1024}, .name = "server"});
    pair.open();
    (void)pair.client.call("echo", std::string(2500, 'x'));
    pair.exchange();
    BOOST_TEST(pair.client.says() ==
               "REQUEST MORE 1 echo <1024 bytes>; REQUEST MORE 1 <1024 bytes>; REQUEST 1 <452 bytes>");
    BOOST_TEST(pair.server.events() == "request 1 echo <2500 bytes>");
    BOOST_TEST(pair.client.events() == "reply echo <2500 bytes>");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(pieces_have_at_most_64_kib) {
    engine_pair pair;
    pair.open();
    const std::size_t size = 1024 * 1024 + 1;
    (void)pair.client.call("wait", std::string(size, 'x'));
    pair.exchange();
    BOOST_TEST(pair.client.says().starts_with("REQUEST MORE 1 wait <65536 bytes>; REQUEST MORE 1 <65536 bytes>"));
    BOOST_TEST(pair.server.events() == "request 1 wait <1048577 bytes>");
}

BOOST_AUTO_TEST_CASE(the_first_frames_meta_is_the_messages_and_the_others_are_ignored) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + raw::request(1, "other", "b", raw::more) +
                raw::request(1, "third", "c"));
    BOOST_TEST(server.events() == "request 1 echo \"abc\"");
}

BOOST_AUTO_TEST_CASE(any_frame_may_be_the_last_even_an_empty_one) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "", raw::more) + raw::piece(1, "a", raw::more) + raw::piece(1, ""));
    BOOST_TEST(server.events() == "request 1 echo \"a\"");
}

BOOST_AUTO_TEST_CASE(frames_of_other_ids_and_kinds_may_come_between_the_pieces) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + raw::ping("p") + raw::request(3, "echo", "small") +
                raw::request(5, "echo", "1", raw::more) + raw::piece(1, "b") + raw::piece(5, "2"));
    BOOST_TEST(server.says() == "PONG 0 \"p\"; RESPONSE 3 \"small\"; RESPONSE 1 \"ab\"; RESPONSE 5 \"12\"");
}

BOOST_AUTO_TEST_CASE(a_small_message_does_not_wait_for_a_large_one) {
    engine_end client(role::client);
    client.open();
    client.line_takes = 0;
    (void)client.call("large", std::string(2'000'000, 'x'));
    client.line_takes = 65536 + 100;
    client.run();
    (void)client.call("small", "x");
    client.hear(raw::ping("p"));
    client.line_takes = 3'000'000;
    client.run();
    const auto said = client.says();
    BOOST_TEST(said.find("REQUEST 3 small") < said.find("REQUEST 1 <"));
    BOOST_TEST(said.find("PONG 0 \"p\"") < said.find("REQUEST 1 <"));
}

BOOST_AUTO_TEST_CASE(a_fifth_unfinished_body_is_a_protocol_error) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + raw::request(3, "echo", "a", raw::more) +
                notify_piece(1, "news", "a", raw::more) + raw::response(2, "a", raw::more));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::request(5, "echo", "a", raw::more));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_fifth_unfinished_body_that_is_too_large_is_a_protocol_error_too) {
    engine_end server(role::server, {.limits = small_limits()});
    server.open();
    for (const auto id : {1U, 3U, 5U, 7U}) server.hear(raw::request(id, "echo", "a", raw::more));
    server.hear(raw::request(9, "", std::string(17, 'x'), raw::more));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_sender_with_more_than_four_large_bodies_makes_the_others_wait) {
    engine_pair pair({.name = "client"}, {.limits = {.max_frame = 1024}, .name = "server"});
    pair.open();
    for (int i = 0; i < 10; ++i) (void)pair.client.call("echo", std::string(5000, 'x'));
    pair.exchange();  // the ends count unfinished bodies
    BOOST_TEST(pair.client.requests_sent == 10U);
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_request_above_max_message_is_answered_once_and_its_rest_is_dropped) {
    engine_end server(role::server, {.limits = {.max_message = 8, .max_frame = 8}});
    server.open();
    server.hear(raw::request(1, "echo", "12345678", raw::more));
    BOOST_TEST(server.says() == "");
    server.hear(raw::piece(1, "9", raw::more));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");
    server.hear(raw::piece(1, "10", raw::more) + raw::piece(1, "11") + raw::ping("on"));
    BOOST_TEST(server.says() == "PONG 0 \"on\"");
    BOOST_TEST(server.events() == "request_refused 1 message_too_large");
}

BOOST_AUTO_TEST_CASE(a_last_piece_may_be_the_one_that_exceeds_max_message) {
    engine_end server(role::server, {.limits = {.max_message = 8, .max_frame = 8}});
    server.open();
    server.hear(raw::request(1, "echo", "12345678", raw::more) + raw::piece(1, "9") + raw::request(1, "echo", "new"));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large; RESPONSE 1 \"new\"");
}

BOOST_AUTO_TEST_CASE(a_piece_above_max_frame_makes_the_message_too_large) {
    engine_end server(role::server, {.limits = small_limits()});
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + raw::piece(1, std::string(17, 'x'), raw::more));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");
    server.hear(raw::piece(1, std::string(17, 'y'), raw::more) + raw::piece(1, "z") + raw::request(1, "echo", "new"));
    BOOST_TEST(server.says() == "RESPONSE 1 \"new\"");
}

BOOST_AUTO_TEST_CASE(a_first_frame_above_max_frame_keeps_its_id_until_the_last_one) {
    engine_end server(role::server, {.limits = small_limits()});
    server.open();
    server.hear(raw::request(1, "", std::string(17, 'x'), raw::more));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");
    server.hear(raw::piece(1, "b", raw::more) + raw::piece(1, "c") + raw::request(1, "echo", "new"));
    BOOST_TEST(server.says() == "RESPONSE 1 \"new\"");
}

BOOST_AUTO_TEST_CASE(a_first_frame_above_max_frame_keeps_to_the_rules_of_ids) {
    for (const bool more : {false, true}) {
        engine_end server(role::server, {.limits = small_limits()});
        server.open();
        const std::uint8_t flags = more ? raw::more : std::uint8_t{0};
        server.hear(raw::request(2, "", std::string(17, 'x'), flags));
        BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(a_response_that_is_too_large_ends_its_call_at_the_caller) {
    engine_end client(role::client, {.limits = small_limits()});
    client.open();
    (void)client.call("first");
    (void)client.call("second");
    client.hear(raw::response(1, std::string(17, 'x')));
    BOOST_TEST(client.events() == "call_failed first message_too_large");
    for (int i = 0; i < 5; ++i) client.hear(raw::response(3, std::string(16, 'x'), raw::more));
    BOOST_TEST(client.events() == "call_failed second message_too_large");
    client.hear(raw::response(3, "the end"));
    BOOST_TEST(client.events() == "");
    BOOST_TEST(client.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_notify_that_is_too_large_is_dropped) {
    engine_end server(role::server, {.limits = {.max_message = 8, .max_frame = 8}});
    server.open();
    server.hear(notify_piece(1, "news", "12345678", raw::more) + notify_piece(1, "", "9", 0) +
                notify_piece(0, "news", "small", 0));
    BOOST_TEST(server.events() == "notification news \"small\"");
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(a_sender_that_abandons_a_body_finishes_it_with_an_empty_frame) {
    engine_end client(role::client);
    client.open();
    client.line_takes = 65536 + 100;
    const auto call = client.call("large", std::string(2'000'000, 'x'));
    (void)client.cancel(call);
    client.line_takes = 3'000'000;
    client.run();
    const auto said = client.says();
    BOOST_TEST(said.ends_with("CANCEL 1; REQUEST 1"));
}

BOOST_AUTO_TEST_CASE(a_cancelled_upload_leaves_both_ends_in_agreement) {
    engine_pair pair;
    pair.open();
    pair.client.line_takes = 65536 + 100;
    const auto call = pair.client.call("large", std::string(2'000'000, 'x'));
    pair.exchange();
    (void)pair.client.cancel(call);
    pair.client.line_takes = 3'000'000;
    pair.client.run();
    pair.exchange();
    pair.check_all_answered();
    (void)pair.client.call("echo", "on");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "reply echo \"on\"");
}

BOOST_AUTO_TEST_CASE(a_large_body_of_which_nothing_went_out_is_taken_back) {
    engine_end client(role::client);
    client.open();
    client.line_takes = 0;
    (void)client.call("first", std::string(2'000'000, 'x'));
    const auto second = client.call("second", std::string(2'000'000, 'y'));
    client.forget();
    const auto why = client.cancel(second);
    BOOST_TEST(!why->started);
    client.line_takes = 5'000'000;
    client.run();
    BOOST_TEST(client.says().find("second") == std::string::npos);
    BOOST_TEST(client.requests_sent == 1U);
}

BOOST_AUTO_TEST_CASE(a_body_of_16_mib_arrives_whole_both_ways) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("echo", std::string(16 * 1024 * 1024, 'x'));
    pair.exchange();
    BOOST_TEST(pair.client.events() == "reply echo <16777216 bytes>");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(an_upload_in_steady_progress_is_not_idle) {
    engine_end server(role::server, {.limits = {.idle_timeout = 300s}, .max_deadline = 1h});
    server.open();
    server.hear(raw::request(1, "echo", std::string(40'000, 'x'), raw::more));
    for (int second = 1; second != 400; ++second) {
        server.wait(1s);
        server.hear(raw::piece(1, std::string(40'000, 'x'), raw::more));
    }
    server.hear(raw::piece(1, ""));
    BOOST_TEST(server.reason() == "none");
    BOOST_TEST(server.events() == "request 1 echo <16000000 bytes>");
}

BOOST_AUTO_TEST_CASE(a_body_that_comes_too_slowly_ends_the_connection) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", std::string(16 * 1024, 'x'), raw::more));
    server.wait(11'900ms);  // 10 s, and 2 s for 16 KiB
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::piece(1, "a drop", raw::more));
    server.wait(100ms);
    BOOST_TEST(server.reason() == "frame_timeout");
}

BOOST_AUTO_TEST_CASE(an_incomplete_request_is_answered_at_its_deadline_and_its_rest_dropped) {
    engine_end server(role::server);
    server.open();
    const auto meta = raw::meta({.name = "echo", .deadline_ms = 500});
    server.hear(raw::bytes_of({frame_kind::request, raw::more, 1, meta, std::string(1000, 'x')}));
    server.wait(499ms);
    BOOST_TEST(server.says() == "");
    server.wait(1ms);
    BOOST_TEST(server.says() == "ERROR 1 deadline_exceeded");
    server.hear(raw::piece(1, "more", raw::more) + raw::piece(1, "the last") + raw::request(1, "echo", "again"));
    BOOST_TEST(server.says() == "RESPONSE 1 \"again\"");
}

BOOST_AUTO_TEST_CASE(a_request_without_a_deadline_gets_the_longest_for_its_body_too) {
    engine_end server(role::server, {.max_deadline = 5s});
    server.open();
    server.hear(raw::request(1, "echo", "x", raw::more));
    server.wait(5s);
    BOOST_TEST(server.says() == "ERROR 1 deadline_exceeded");
}

BOOST_AUTO_TEST_CASE(an_answer_that_nobody_waits_for_is_dropped_and_frees_its_slot) {
    engine_end client(role::client);
    client.open({.name = "narrow", .max_calls = 1});
    (void)client.call("slow", "", 100ms);
    const auto next = client.call("next");
    client.hear(raw::response(1, std::string(1000, 'x'), raw::more));
    client.wait(100ms);
    client.forget();
    client.hear(raw::response(1, "more", raw::more));
    BOOST_TEST(client.says() == "");  // it still counts
    client.hear(raw::response(1, "the last"));
    BOOST_TEST(client.says() == "REQUEST 3 next");
}

BOOST_AUTO_TEST_SUITE_END()
