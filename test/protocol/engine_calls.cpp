#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;

namespace {

std::string request_with(std::uint32_t id, const wire::meta& records, std::string_view body = {}) {
    return raw::bytes_of({wire::frame_kind::request, 0, id, raw::meta(records), std::string(body)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_calls)

BOOST_AUTO_TEST_CASE(a_call_is_answered_with_its_result) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("echo", "hello");
    pair.exchange();
    BOOST_TEST(pair.client.says() == "REQUEST 1 echo \"hello\"");
    BOOST_TEST(pair.server.events() == "request 1 echo \"hello\"");
    BOOST_TEST(pair.client.events() == "reply echo \"hello\"");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(either_end_may_call_the_other) {
    engine_pair pair;
    pair.open();
    (void)pair.server.call("echo", "to the client");
    (void)pair.client.call("echo", "to the server");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 1 echo \"to the server\"; reply echo \"to the client\"");
    BOOST_TEST(pair.client.events() == "request 2 echo \"to the client\"; reply echo \"to the server\"");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_request_carries_what_its_caller_gave_it) {
    engine_pair pair;
    pair.open();
    auto call = std::make_shared<protocol::outbound_call>();
    call->task = "echo";
    call->body = {"{}", content_type::json};
    call->trace_id = "trace";
    call->idempotency_key = "key";
    call->timeout = 1500ms;
    BOOST_TEST(!pair.client.try_call(call));
    pair.exchange();
    BOOST_TEST(pair.client.says() == "REQUEST 1 echo deadline=1500 trace_id=trace key=key json \"{}\"");
    BOOST_TEST(pair.server.events() == "request 1 echo trace_id=trace key=key json \"{}\"");
    BOOST_CHECK(pair.server.deadlines.at(0) == 1500ms);
    BOOST_TEST(pair.client.events() == "reply echo json \"{}\"");
}

BOOST_AUTO_TEST_CASE(a_body_that_several_calls_share_is_sent_for_each) {
    engine_pair pair;
    pair.open();
    for (int i = 0; i < 2; ++i) {
        auto call = std::make_shared<protocol::outbound_call>();
        call->task = "echo";
        call->shared_body = std::make_shared<const std::string>("shared");
        BOOST_TEST(!pair.client.try_call(call));
    }
    pair.exchange();
    BOOST_TEST(pair.client.events() == "reply echo \"shared\"; reply echo \"shared\"");
}

BOOST_AUTO_TEST_CASE(ids_of_the_client_are_odd_and_ids_of_the_server_even) {
    engine_pair pair;
    pair.open();
    for (int i = 0; i < 3; ++i) {
        (void)pair.client.call("wait");
        (void)pair.server.call("wait");
    }
    BOOST_TEST(pair.client.says() == "REQUEST 1 wait; REQUEST 3 wait; REQUEST 5 wait");
    BOOST_TEST(pair.server.says() == "REQUEST 2 wait; REQUEST 4 wait; REQUEST 6 wait");
}

BOOST_AUTO_TEST_CASE(a_request_with_id_0_or_of_the_wrong_parity_is_a_protocol_error) {
    for (const auto& [r, id] :
         {std::pair{role::server, 0U}, {role::server, 2U}, {role::client, 0U}, {role::client, 1U}}) {
        engine_end end(r);
        end.open();
        end.hear(raw::request(id, "echo"));
        BOOST_TEST(end.says() == "ERROR 0 protocol_error");
        engine_end other(r);
        other.open();
        other.hear(raw::request(id, "echo", "x", raw::more));
        BOOST_TEST(other.says() == "ERROR 0 protocol_error");
    }
}

BOOST_AUTO_TEST_CASE(a_request_with_an_id_in_use_is_a_protocol_error) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait") + raw::request(1, "echo"));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(an_id_may_be_used_again_once_its_call_has_ended) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait"));
    (void)server.answer(1, "first");
    server.hear(raw::request(1, "wait"));
    (void)server.answer(1, "second");
    BOOST_TEST(server.says() == "RESPONSE 1 \"first\"; RESPONSE 1 \"second\"");
}

BOOST_AUTO_TEST_CASE(answers_come_in_the_order_in_which_they_are_ready) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    (void)pair.client.call("wait");
    (void)pair.client.call("echo", "c");
    pair.exchange();
    (void)pair.server.answer(3, "b");
    (void)pair.server.answer(1, "a");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "reply echo \"c\"; reply wait \"b\"; reply wait \"a\"");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_failure_reaches_the_caller_with_its_code_and_facts) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    failure why(errc{1234}, "because");
    why.retryable = true;
    why.started = true;
    pair.server.engine.fail_call(1, why);
    (void)pair.server.engine.release(1);
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.client.events() == "call_failed wait application retry started");
}

BOOST_AUTO_TEST_CASE(an_error_without_a_code_is_task_failed) {
    engine_end client(role::client);
    client.open();
    (void)client.call("wait");
    client.hear(raw::bytes_of({.kind = wire::frame_kind::error, .id = 1, .body = "?"}));
    BOOST_TEST(client.events() == "call_failed wait task_failed");
}

BOOST_AUTO_TEST_CASE(answers_for_unknown_ids_are_ignored) {
    engine_end client(role::client);
    client.open();
    client.hear(raw::response(1, "?") + raw::error(3, errc::cancelled));
    (void)client.call("wait");
    client.hear(raw::response(7, "?") + raw::error(9, errc::cancelled) + raw::response(1, "here"));
    BOOST_TEST(client.events() == "reply wait \"here\"");
    client.hear(raw::response(1, "again"));
    BOOST_TEST(client.events() == "");
    BOOST_TEST(client.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_response_whose_meta_cannot_be_read_ends_only_its_call) {
    engine_end client(role::client);
    client.open();
    (void)client.call("wait");
    client.hear(raw::bytes_of({wire::frame_kind::response, 0, 1, std::string("\7\2\0", 3), "x"}));
    BOOST_TEST(client.events() == "call_failed wait bad_reply");
    BOOST_TEST(client.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_request_without_a_name_of_utf_8_is_a_bad_request) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::bytes_of({.kind = wire::frame_kind::request, .id = 1}) + raw::request(3, "\xff"));
    BOOST_TEST(server.events() == "request_refused 1 bad_request; request_refused 3 bad_request");
    BOOST_TEST(server.says() == "ERROR 1 bad_request; ERROR 3 bad_request");
}

BOOST_AUTO_TEST_CASE(calls_above_max_calls_are_overloaded) {
    engine_end server(role::server, {.limits = {.max_calls = 2}});
    server.open();
    server.hear(raw::request(1, "wait") + raw::request(3, "wait") + raw::request(5, "wait"));
    BOOST_TEST(server.says() == "ERROR 5 overloaded retry");
    (void)server.answer(1);
    server.hear(raw::request(7, "wait"));
    BOOST_TEST(server.engine.running() == 2U);
    BOOST_TEST(server.says() == "RESPONSE 1");
}

BOOST_AUTO_TEST_CASE(a_caller_holds_calls_back_that_exceed_max_calls) {
    engine_pair pair({.name = "client"}, {.limits = {.max_calls = 2}, .name = "server"});
    pair.open();
    for (const auto* body : {"a", "b", "c", "d"}) (void)pair.client.call("wait", body);
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 1 wait \"a\"; request 3 wait \"b\"");
    (void)pair.server.answer(3);
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 5 wait \"c\"");
    (void)pair.server.fail(1, errc::task_failed);
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 7 wait \"d\"");
}

BOOST_AUTO_TEST_CASE(a_call_that_its_caller_gave_up_counts_as_running_until_its_answer) {
    engine_pair pair({.name = "client"}, {.limits = {.max_calls = 1}, .name = "server"});
    pair.open();
    pair.server.ignores_cancels = true;
    const auto first = pair.client.call("wait", "a");
    (void)pair.client.call("wait", "b");
    pair.exchange();
    BOOST_TEST(name_of(pair.client.cancel(first)->code) == "cancelled");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 1 wait \"a\"; request_cancelled 1 cancelled");
    (void)pair.server.answer(1, "late");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "request 3 wait \"b\"");
    BOOST_TEST(pair.client.events() == "");
}

BOOST_AUTO_TEST_CASE(before_the_hello_a_client_keeps_to_64_calls) {
    engine_pair pair;
    pair.begin();
    for (int i = 0; i < 65; ++i) (void)pair.client.call("wait");
    BOOST_TEST(pair.client.requests_sent == 64U);
    pair.exchange();
    BOOST_TEST(pair.client.requests_sent == 65U);
}

BOOST_AUTO_TEST_CASE(before_the_hello_a_client_keeps_to_frames_of_65536_bytes) {
    engine_pair pair;
    pair.begin();
    pair.client.forget();
    (void)pair.client.call("echo", std::string(65536, 'a'));
    (void)pair.client.call("echo", std::string(65537, 'b'));
    BOOST_TEST(pair.client.says() ==
               "REQUEST 1 echo <65536 bytes>; REQUEST MORE 3 echo <65536 bytes>; REQUEST 3 \"b\"");
}

BOOST_AUTO_TEST_CASE(a_call_that_cannot_be_made_is_refused_at_once) {
    engine_end client(role::client);
    client.open({.name = "small", .max_frame = 1024, .max_message = 1024});
    const auto refusal_of = [&client](auto change) {
        auto call = std::make_shared<protocol::outbound_call>();
        call->task = "echo";
        change(*call);
        const auto why = client.try_call(call);
        return why ? std::string(name_of(why->code)) : "none";
    };
    using call = protocol::outbound_call;
    BOOST_TEST(refusal_of([](call& c) { c.task.clear(); }) == "unknown_task");
    BOOST_TEST(refusal_of([](call& c) { c.task = "\xff"; }) == "unknown_task");
    BOOST_TEST(refusal_of([](call& c) { c.timeout = -1ms; }) == "deadline_exceeded");
    BOOST_TEST(refusal_of([&](call& c) { c.deadline = client.now; }) == "deadline_exceeded");
    BOOST_TEST(refusal_of([](call& c) { c.trace_id.assign(65, 't'); }) == "bad_request");
    BOOST_TEST(refusal_of([](call& c) { c.idempotency_key.assign(65, 'k'); }) == "bad_request");
    BOOST_TEST(refusal_of([](call& c) { c.body.bytes.assign(1025, 'x'); }) == "message_too_large");
    BOOST_TEST(client.says() == "");
    client.engine.abort(failure(errc::connection_lost));
    BOOST_TEST(refusal_of([](call&) {}) == "connection_lost");
}

// Deadlines.

BOOST_AUTO_TEST_CASE(a_deadline_counts_from_the_arrival_of_the_first_frame) {
    engine_end server(role::server);
    server.open();
    const auto meta = raw::meta({.name = "wait", .deadline_ms = 1000});
    server.hear(raw::bytes_of({wire::frame_kind::request, raw::more, 1, meta, "a"}));
    server.wait(400ms);
    server.hear(raw::piece(1, "b"));
    BOOST_CHECK(server.deadlines.at(0) == 600ms);
    server.wait(599ms);
    BOOST_TEST(server.events() == "request 1 wait \"ab\"");
    server.wait(1ms);
    BOOST_TEST(server.events() == "request_cancelled 1 deadline_exceeded");
    BOOST_TEST(server.says() == "ERROR 1 deadline_exceeded");
}

BOOST_AUTO_TEST_CASE(a_deadline_of_0_has_passed_at_once) {
    engine_end server(role::server);
    server.open();
    server.hear(request_with(1, {.name = "echo", .deadline_ms = 0}));
    BOOST_TEST(server.events() == "request_refused 1 deadline_exceeded");
    BOOST_TEST(server.says() == "ERROR 1 deadline_exceeded");
}

BOOST_AUTO_TEST_CASE(deadlines_are_shortened_to_the_callees_own_and_given_to_calls_without) {
    engine_end server(role::server, {.max_deadline = 5min});
    server.open();
    server.hear(request_with(1, {.name = "wait"}) + request_with(3, {.name = "wait", .deadline_ms = 600'000}) +
                request_with(5, {.name = "wait", .deadline_ms = 1000}) +
                request_with(7, {.name = "wait", .streams = 1}));
    BOOST_CHECK(server.deadlines.at(0) == 5min);
    BOOST_CHECK(server.deadlines.at(1) == 5min);
    BOOST_CHECK(server.deadlines.at(2) == 1s);
    BOOST_CHECK(!server.deadlines.at(3));
    server.wait(5min);
    BOOST_TEST(server.engine.running() == 1U);
}

BOOST_AUTO_TEST_CASE(a_caller_measures_the_time_itself_and_tells_the_callee) {
    engine_end client(role::client);
    client.open();
    (void)client.call("wait", {}, 500ms);
    client.wait(499ms);
    BOOST_TEST(client.events() == "");
    client.wait(1ms);
    BOOST_TEST(client.events() == "call_failed wait deadline_exceeded started");
    BOOST_TEST(client.says() == "REQUEST 1 wait deadline=500; CANCEL 1");
    client.hear(raw::response(1, "late"));
    BOOST_TEST(client.events() == "");
    BOOST_TEST(client.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_call_that_ran_out_of_time_never_ends_the_connection) {
    engine_pair pair;
    pair.open();
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 1000; ++i) (void)pair.client.call("wait", {}, 100ms);
        pair.wait(100ms);
    }
    BOOST_TEST(pair.client.requests_sent == 2000U);
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_to_be_sent_ends_by_its_deadline_too) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("first");
    (void)client.call("second", {}, 200ms);
    (void)client.call("third", {}, 100ms);
    client.wait(100ms);
    BOOST_TEST(client.events() == "call_failed third deadline_exceeded");
    client.wait(100ms);
    BOOST_TEST(client.events() == "call_failed second deadline_exceeded");
    BOOST_TEST(client.says() == "REQUEST 1 first");
}

BOOST_AUTO_TEST_CASE(a_call_that_was_held_back_tells_the_time_that_is_left) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("first");
    (void)client.call("second", {}, 200ms);
    client.wait(150ms);
    client.forget();
    client.hear(raw::response(1, ""));
    BOOST_TEST(client.says() == "REQUEST 3 second deadline=50");
}

BOOST_AUTO_TEST_CASE(of_a_timeout_and_a_deadline_the_earlier_counts) {
    engine_end client(role::client);
    client.open();
    auto call = std::make_shared<protocol::outbound_call>();
    call->task = "wait";
    call->timeout = 500ms;
    call->deadline = client.now + 300ms;
    BOOST_TEST(!client.try_call(call));
    BOOST_TEST(client.says() == "REQUEST 1 wait deadline=300");
    client.wait(300ms);
    BOOST_TEST(client.events() == "call_failed wait deadline_exceeded started");
}

// CANCEL.

BOOST_AUTO_TEST_CASE(a_cancelled_call_is_answered_as_usual) {
    engine_pair pair;
    pair.open();
    const auto call = pair.client.call("wait");
    pair.exchange();
    pair.client.forget();
    const auto why = pair.client.cancel(call);
    BOOST_TEST(name_of(why->code) == "cancelled");
    BOOST_TEST(why->started);
    BOOST_TEST(!pair.client.cancel(call));
    pair.exchange();
    BOOST_TEST(pair.client.says() == "CANCEL 1");
    BOOST_TEST(pair.server.events() == "request 1 wait; request_cancelled 1 cancelled");
    BOOST_TEST(pair.server.says() == "ERROR 1 cancelled");
    BOOST_TEST(pair.client.events() == "");
    pair.check_all_answered();
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_may_answer_with_its_own_result) {
    engine_end server(role::server);
    server.open();
    server.ignores_cancels = true;
    server.hear(raw::request(1, "wait") + raw::cancel(1));
    BOOST_TEST(server.events() == "request 1 wait; request_cancelled 1 cancelled");
    BOOST_TEST(server.engine.running() == 1U);
    (void)server.answer(1, "done anyway");
    BOOST_TEST(server.says() == "RESPONSE 1 \"done anyway\"");
}

BOOST_AUTO_TEST_CASE(a_cancel_for_an_unknown_or_ended_call_is_ignored) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::cancel(1) + raw::request(1, "echo", "x") + raw::cancel(1) + raw::cancel(0) + raw::cancel(2));
    BOOST_TEST(server.events() == "request 1 echo \"x\"");
    BOOST_TEST(server.says() == "RESPONSE 1 \"x\"");
}

BOOST_AUTO_TEST_CASE(a_cancel_of_an_incomplete_body_answers_cancelled_and_drops_the_rest) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + raw::cancel(1));
    BOOST_TEST(server.says() == "ERROR 1 cancelled");
    server.hear(raw::cancel(1) + raw::piece(1, "b", raw::more) + raw::piece(1, "c") + raw::request(1, "echo", "new"));
    BOOST_TEST(server.says() == "RESPONSE 1 \"new\"");
    BOOST_TEST(server.events() == "request 1 echo \"new\"");
}

BOOST_AUTO_TEST_CASE(a_call_that_was_never_sent_is_cancelled_without_a_word) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("first");
    client.forget();
    const auto why = client.cancel(client.call("second"));
    BOOST_TEST(!why->started);
    client.hear(raw::response(1, ""));
    BOOST_TEST(client.says() == "");
}

BOOST_AUTO_TEST_CASE(all_calls_end_with_the_connection) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("sent");
    (void)client.call("queued");
    client.hear_end();
    BOOST_TEST(client.events() ==
               "closed connection_lost; call_failed sent connection_lost retry started; "
               "call_failed queued connection_lost retry");
}

BOOST_AUTO_TEST_CASE(a_reply_above_the_callers_max_message_becomes_message_too_large) {
    engine_end server(role::server);
    server.open({.name = "small", .max_frame = 1024, .max_message = 1024});
    server.hear(raw::request(1, "echo", std::string(1024, 'x')) + raw::request(3, "echo", std::string(1025, 'x')) +
                raw::request(5, "echo", std::string(1026, 'x')));
    BOOST_TEST(server.says() ==
               "RESPONSE 1 <1024 bytes>; ERROR 3 message_too_large started; "
               "ERROR 5 message_too_large started");
}

BOOST_AUTO_TEST_CASE(ten_thousand_calls_in_chunks_of_all_sizes_are_each_answered_once) {
    engine_pair pair({.name = "client"}, {.limits = {.max_calls = 50}, .name = "server"});
    pair.open();
    for (int i = 0; i < 10'000; ++i) {
        pair.chunk = 1 + static_cast<std::size_t>(i % 97);
        (void)pair.client.call(i % 30 == 0 ? "refuse" : "echo", "body", 1s);
        if (i % 40 == 0) pair.wait(30ms * (i % 2000 == 0 ? 100 : 1));
    }
    pair.exchange();
    pair.check_all_answered();
}

BOOST_AUTO_TEST_SUITE_END()
