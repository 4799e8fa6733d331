#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using protocol::role;
using protocol::send_status;
using wire::frame_kind;

BOOST_TEST_DONT_PRINT_LOG_VALUE(protocol::send_status)

namespace {

constexpr std::uint8_t from_caller = 1;
constexpr std::uint8_t to_caller = 2;

limits credit_of(std::uint32_t bytes) {
    return {.stream_credit = bytes};
}

/// A server in which call 1 runs, with streams of these bits and this credit.
class streaming_server : public engine_end {
public:
    explicit streaming_server(std::uint8_t bits, std::uint32_t credit = 4096, std::uint32_t peer_credit = 4096)
        : engine_end(role::server, {.limits = credit_of(credit)}) {
        open({.name = "a peer", .stream_credit = peer_credit});
        hear(raw::stream_request(1, "stream", bits));
        forget();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_streams)

BOOST_AUTO_TEST_CASE(items_go_from_the_caller_to_the_caller_or_both_ways_in_order) {
    engine_pair pair;
    pair.open();
    const auto call = pair.client.stream_call("both", from_caller | to_caller, "arguments");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 1 both streams=3 \"arguments\"; sendable");
    for (const auto* item : {"a", "b"}) {
        BOOST_TEST(pair.client.send_item(*call->stream, item) == send_status::sent);
        BOOST_TEST(pair.server.send_item(pair.server.stream_of(1), item) == send_status::sent);
    }
    pair.client.end_stream(*call->stream);
    pair.exchange();
    BOOST_TEST(pair.server.events() == "item \"a\"; item \"b\"; item_end");
    (void)pair.server.answer(1, "result");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "sendable; item \"a\"; item \"b\"; reply both \"result\"");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(arguments_of_a_call_with_streams_fit_one_frame) {
    engine_end client(role::client);
    client.open({.name = "small", .max_frame = 1024});
    protocol::stream s(true, from_caller, 4096);
    auto call = std::make_shared<protocol::outbound_call>();
    call->task = "stream";
    call->body.bytes.assign(1025, 'x');
    call->stream = &s;
    BOOST_TEST(name_of(client.try_call(call)->code) == "message_too_large");
    BOOST_TEST(client.says() == "");
}

BOOST_AUTO_TEST_CASE(an_end_that_failed_tells_why) {
    engine_pair pair;
    pair.open();
    const auto call = pair.client.stream_call("take", from_caller);
    pair.exchange();
    pair.client.end_stream(*call->stream, failure(errc::task_failed, "no more"));
    pair.exchange();
    BOOST_TEST(pair.client.says() == "REQUEST 1 take streams=1; END 1 task_failed");
    BOOST_TEST(pair.server.events() == "request 1 take streams=1; sendable; item_end task_failed");
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_behind_an_end) {
    engine_end client(role::client);
    client.open();
    const auto call = client.stream_call("take", from_caller);
    client.end_stream(*call->stream);
    BOOST_TEST(client.send_item(*call->stream, "late") == send_status::closed);
    client.end_stream(*call->stream);
    BOOST_TEST(client.says() == "REQUEST 1 take streams=1; END 1");
}

BOOST_AUTO_TEST_CASE(an_end_without_its_bit_sends_no_items) {
    engine_end client(role::client);
    client.open();
    const auto call = client.stream_call("give", to_caller);
    BOOST_TEST(client.send_item(*call->stream, "x") == send_status::closed);
    client.end_stream(*call->stream);
    BOOST_TEST(client.says() == "REQUEST 1 give streams=2");
}

BOOST_AUTO_TEST_CASE(the_answer_ends_both_directions) {
    engine_pair pair;
    pair.open();
    const auto call = pair.client.stream_call("both", from_caller | to_caller);
    pair.exchange();
    pair.forget();
    (void)pair.server.answer(1, "early");
    BOOST_TEST(pair.client.send_item(*call->stream, "crosses the answer") == send_status::sent);
    pair.exchange();
    BOOST_TEST(pair.server.events() == "");
    BOOST_TEST(pair.client.events() == "reply both \"early\"");
    BOOST_TEST(pair.client.send_item(*call->stream, "late") == send_status::closed);
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_cancel_stops_a_stream) {
    engine_pair pair;
    pair.open();
    const auto call = pair.client.stream_call("both", from_caller | to_caller);
    pair.exchange();
    pair.forget();
    (void)pair.client.cancel(call);
    BOOST_TEST(pair.client.send_item(*call->stream, "late") == send_status::closed);
    BOOST_TEST(pair.server.send_item(pair.server.stream_of(1), "crosses the cancel") == send_status::sent);
    pair.exchange();
    BOOST_TEST(pair.client.events() == "");
    BOOST_TEST(pair.server.events() == "request_cancelled 1 cancelled");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(items_wait_for_the_hello_that_tells_their_credit) {
    engine_pair pair;
    pair.begin();
    const auto call = pair.client.stream_call("take", from_caller);
    BOOST_TEST(pair.client.send_item(*call->stream, "early") == send_status::no_credit);
    BOOST_TEST(pair.client.says() == "HELLO; REQUEST 1 take streams=1");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "opened server; sendable");
    BOOST_TEST(pair.client.send_item(*call->stream, "now") == send_status::sent);
}

BOOST_AUTO_TEST_CASE(items_wait_while_their_call_waits_to_be_sent) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("first");
    const auto call = client.stream_call("take", from_caller);
    BOOST_TEST(client.send_item(*call->stream, "early") == send_status::no_credit);
    client.hear(raw::response(1, ""));
    BOOST_TEST(client.events() == "reply first; sendable");
    BOOST_TEST(client.send_item(*call->stream, "now") == send_status::sent);
}

// Credit.

BOOST_AUTO_TEST_CASE(an_item_costs_its_whole_frame) {
    engine_end client(role::client);
    client.open({.name = "a peer", .stream_credit = 100});
    const auto call = client.stream_call("take", from_caller);
    BOOST_TEST(call->stream->credit() == 100U);
    (void)client.send_item(*call->stream, "12345678");
    BOOST_TEST(call->stream->credit() == 80U);
    encoded_body json{"12345678", content_type::json};
    BOOST_TEST(client.engine.send_item(*call->stream, json) == send_status::sent);
    BOOST_TEST(call->stream->credit() == 56U);
}

BOOST_AUTO_TEST_CASE(an_item_waits_for_the_credit_that_it_costs) {
    engine_end client(role::client);
    client.open({.name = "a peer", .stream_credit = 64});
    const auto call = client.stream_call("take", from_caller);
    client.forget();
    const std::string item(20, 'x');  // costs 32
    BOOST_TEST(client.send_item(*call->stream, item) == send_status::sent);
    BOOST_TEST(client.send_item(*call->stream, item) == send_status::sent);
    BOOST_TEST(client.send_item(*call->stream, "") == send_status::no_credit);
    client.hear(raw::credit(1, 31));
    BOOST_TEST(client.events() == "sendable");
    BOOST_TEST(client.send_item(*call->stream, item) == send_status::no_credit);
    client.hear(raw::credit(1, 1));
    BOOST_TEST(client.send_item(*call->stream, item) == send_status::sent);
}

BOOST_AUTO_TEST_CASE(an_item_costs_at_most_half_of_the_receivers_credit_and_fits_its_max_frame) {
    engine_end client(role::client);
    client.open({.name = "a peer", .stream_credit = 100});
    auto call = client.stream_call("take", from_caller);
    BOOST_TEST(call->stream->largest_item() == 50U);
    BOOST_TEST(client.send_item(*call->stream, std::string(39, 'x')) == send_status::too_large);
    BOOST_TEST(client.send_item(*call->stream, std::string(38, 'x')) == send_status::sent);

    engine_end other(role::client);
    other.open({.name = "a peer", .max_frame = 1024, .stream_credit = 100'000});
    call = other.stream_call("take", from_caller);
    BOOST_TEST(other.send_item(*call->stream, std::string(1025, 'x')) == send_status::too_large);
}

BOOST_AUTO_TEST_CASE(a_receiver_without_credit_gets_no_items) {
    engine_end client(role::client);
    client.open({.name = "a peer", .stream_credit = 0});
    const auto call = client.stream_call("take", from_caller);
    BOOST_TEST(client.send_item(*call->stream, "") == send_status::too_large);
}

BOOST_AUTO_TEST_CASE(credit_returns_when_half_of_it_is_held_back_at_the_latest) {
    streaming_server server(from_caller, 4096);
    std::size_t held_back = 0;
    for (int i = 0; i < 100; ++i) {
        server.hear(raw::item(1, std::string(88, 'x')));  // costs 100
        held_back += 100;
        server.consume();
        if (!server.says().empty()) held_back = 0;
        BOOST_TEST(held_back < 2048U);
    }
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(items_that_nobody_consumes_return_no_credit) {
    streaming_server server(from_caller, 4096);
    for (int i = 0; i < 40; ++i) server.hear(raw::item(1, std::string(88, 'x')));
    BOOST_TEST(server.says() == "");
    server.consume();
    BOOST_TEST(server.says() == "CREDIT 1 credit=1100; CREDIT 1 credit=1100; CREDIT 1 credit=1100");
}

BOOST_AUTO_TEST_CASE(items_of_half_the_credit_never_wait_for_ever) {
    for (const std::uint32_t credit : {64U, 100U, 4096U}) {
        engine_pair pair({.name = "client"}, {.limits = credit_of(credit), .name = "server"});
        pair.open();
        const auto call = pair.client.stream_call("take", from_caller);
        pair.exchange();
        const std::string item(credit / 2 - 12, 'x');
        for (int i = 0; i < 20; ++i) {
            BOOST_TEST(pair.client.send_item(*call->stream, item) == send_status::sent);
            pair.exchange();
            pair.server.consume();
            pair.exchange();
        }
        BOOST_TEST(pair.server.reason() == "none");
    }
}

BOOST_AUTO_TEST_CASE(no_credit_is_given_behind_the_end_of_the_items) {
    streaming_server server(from_caller, 4096);
    server.hear(raw::item(1, std::string(2000, 'x')) + raw::end(1));
    server.consume();
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(an_item_above_the_credit_left_is_a_protocol_error) {
    streaming_server server(from_caller, 4096);
    server.hear(raw::item(1, std::string(4096 - 24, 'x')));  // leaves 12
    server.hear(raw::item(1, ""));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::item(1, ""));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(credit_above_2147483647_is_a_protocol_error) {
    streaming_server server(to_caller, 4096, 1000);
    server.hear(raw::credit(1, 2147483647 - 1000));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::credit(1, 1));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_credit_without_its_record_is_a_protocol_error) {
    streaming_server server(to_caller);
    server.hear(raw::bytes_of({.kind = frame_kind::credit, .id = 1}));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(an_item_or_end_behind_an_end_is_a_protocol_error) {
    for (const auto& late : {raw::item(1, "late"), raw::end(1)}) {
        streaming_server server(from_caller);
        server.hear(raw::end(1) + late);
        BOOST_TEST(server.events() == "item_end; closed protocol_error");
        BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(frames_against_the_streams_bits_are_protocol_errors) {
    for (const auto& against : {raw::item(1, "x"), raw::end(1)}) {
        streaming_server server(to_caller);
        server.hear(against);
        BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    }
    streaming_server server(from_caller);
    server.hear(raw::credit(1, 1));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(frames_of_streams_on_a_running_call_without_streams_are_protocol_errors) {
    for (const auto& frame : {raw::item(1, "x"), raw::end(1), raw::credit(1, 1)}) {
        engine_end server(role::server);
        server.open();
        server.hear(raw::request(1, "wait") + frame);
        BOOST_TEST(server.says() == "ERROR 0 protocol_error");
        engine_end client(role::client);
        client.open();
        (void)client.call("wait");
        client.forget();
        client.hear(frame);
        BOOST_TEST(client.says() == "ERROR 0 protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(frames_of_streams_for_an_unknown_or_ended_call_are_ignored) {
    const auto frames = raw::item(1, "x") + raw::end(1) + raw::credit(1, 1);
    engine_end server(role::server);
    server.open();
    server.hear(frames + raw::request(1, "echo", "x") + frames);
    BOOST_TEST(server.reason() == "none");
    streaming_server streaming(from_caller | to_caller);
    (void)streaming.answer(1, "done");
    streaming.hear(frames);
    BOOST_TEST(streaming.events() == "");
    BOOST_TEST(streaming.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_being_stopped_tells_of_nothing_more_but_still_checks) {
    streaming_server server(from_caller | to_caller, 4096);
    server.engine.stop_stream(server.stream_of(1));
    server.hear(raw::item(1, "x") + raw::credit(1, 1) + raw::end(1));
    BOOST_TEST(server.events() == "");
    BOOST_TEST(server.send_item(server.stream_of(1), "x") == send_status::closed);
    server.hear(raw::item(1, "behind the END"));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(an_item_above_max_frame_fails_its_call) {
    engine_end server(role::server, {.limits = {.max_message = 4096, .max_frame = 1024}});
    server.open();
    server.hear(raw::stream_request(1, "take", from_caller) + raw::item(1, std::string(1025, 'x')));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");

    engine_end client(role::client, {.limits = {.max_message = 4096, .max_frame = 1024}});
    client.open();
    (void)client.stream_call("give", to_caller);
    client.hear(raw::item(1, std::string(1025, 'x')));
    BOOST_TEST(client.events() == "sendable; call_failed give message_too_large started");
    BOOST_TEST(client.says() == "REQUEST 1 give streams=2; CANCEL 1");
}

BOOST_AUTO_TEST_CASE(the_key_of_a_call_with_streams_is_ignored) {
    engine_end server(role::server);
    server.open();
    const auto meta = raw::meta({.name = "take", .idempotency_key = "key", .streams = from_caller});
    server.hear(raw::bytes_of({frame_kind::request, 0, 1, meta, {}}));
    BOOST_TEST(server.events() == "request 1 take streams=1; sendable");
}

// Room.

BOOST_AUTO_TEST_CASE(streams_wait_for_room_in_the_output_and_take_turns) {
    engine_end server(role::server, {.limits = {.output_soft = 4096}});
    server.open({.name = "a peer", .stream_credit = 1'000'000});
    server.hear(raw::stream_request(1, "give", to_caller) + raw::stream_request(3, "give", to_caller));
    server.forget();
    server.line_takes = 0;
    auto& first = server.stream_of(1);
    auto& second = server.stream_of(3);
    BOOST_TEST(server.send_item(first, std::string(2048, 'a')) == send_status::sent);
    BOOST_TEST(server.send_item(first, "b") == send_status::no_room);
    BOOST_TEST(server.send_item(second, "c") == send_status::no_room);
    BOOST_TEST(server.send_item(second, "promised", protocol::streams::room::waived) == send_status::sent);
    BOOST_TEST(server.events() == "");
    server.line_takes = 100'000;
    server.run();
    BOOST_TEST(server.events() == "sendable; sendable");
    BOOST_TEST(server.send_item(second, "c") == send_status::sent);
    BOOST_TEST(server.says() == "ITEM 1 <2048 bytes>; ITEM 3 \"promised\"; ITEM 3 \"c\"");
}

BOOST_AUTO_TEST_CASE(a_stream_that_ends_while_it_waits_for_room_is_not_told_of_it) {
    engine_end server(role::server, {.limits = {.output_soft = 4096}});
    server.open({.name = "a peer", .stream_credit = 1'000'000});
    server.hear(raw::stream_request(1, "give", to_caller));
    server.forget();
    server.line_takes = 0;
    (void)server.send_item(server.stream_of(1), std::string(2048, 'a'));
    BOOST_TEST(server.send_item(server.stream_of(1), "b") == send_status::no_room);
    (void)server.answer(1);
    server.line_takes = 100'000;
    server.run();
    BOOST_TEST(server.events() == "");
    BOOST_TEST(server.says() == "ITEM 1 <2048 bytes>; RESPONSE 1");
}

BOOST_AUTO_TEST_CASE(items_on_a_connection_that_is_over_go_nowhere) {
    streaming_server server(from_caller | to_caller);
    auto& s = server.stream_of(1);
    server.hear_end();
    BOOST_TEST(server.send_item(s, "x") == send_status::sent);
    server.end_stream(s);
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(a_request_with_streams_that_is_split_is_too_large) {
    engine_end server(role::server);
    server.open();
    const auto meta = raw::meta({.name = "wait", .streams = 1});
    server.hear(raw::bytes_of({frame_kind::request, raw::more, 1, meta, "a"}));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");
    server.hear(raw::piece(1, "b", raw::more) + raw::piece(1, "c") + raw::ping("on"));
    BOOST_TEST(server.says() == "PONG 0 \"on\"");
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(an_item_above_half_of_the_credit_is_taken_if_the_credit_covers_it) {
    engine_end server(role::server, {.limits = {.stream_credit = 4096}});
    server.open();
    server.hear(raw::stream_request(1, "wait", 1));
    server.hear(raw::item(1, std::string(4084, 'x')));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::item(1, "x"));
    BOOST_TEST(server.reason() == "protocol_error");
}

BOOST_AUTO_TEST_SUITE_END()
