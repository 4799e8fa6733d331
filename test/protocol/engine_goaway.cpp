#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;
using wire::frame_kind;

namespace {

void drain(engine_end& end) {
    end.engine.goaway();
    end.run();
}

const std::string barrier = raw::bytes_of({.kind = frame_kind::pong, .body = "goaway"});

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_goaway)

BOOST_AUTO_TEST_CASE(a_goaway_tells_the_last_call_taken_and_is_followed_by_a_ping) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait") + raw::request(7, "wait"));
    drain(server);
    BOOST_TEST(server.says() == "GOAWAY 0 shutting_down last_call=7; PING 0 \"goaway\"");
    drain(server);
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(a_goaway_before_any_call_tells_0) {
    engine_end server(role::server);
    server.open();
    drain(server);
    BOOST_TEST(server.says() == "GOAWAY 0 shutting_down last_call=0; PING 0 \"goaway\"");
}

BOOST_AUTO_TEST_CASE(an_idle_connection_closes_once_the_pong_has_come) {
    engine_end server(role::server);
    server.open();
    drain(server);
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::bytes_of({.kind = frame_kind::pong, .body = "another"}));
    BOOST_TEST(server.reason() == "none");
    server.hear(barrier);
    BOOST_TEST(server.reason() == "shutting_down");
    BOOST_TEST(server.send_is_shut);
}

BOOST_AUTO_TEST_CASE(the_sender_lets_running_calls_finish_then_closes) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    pair.forget();
    drain(pair.server);
    pair.exchange();
    BOOST_TEST(pair.client.events() == "peer_goaway");
    BOOST_TEST(pair.server.reason() == "none");
    (void)pair.server.answer(1, "done");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "reply wait \"done\"; closed shutting_down");
    BOOST_TEST(pair.server.events() == "closed shutting_down");
}

BOOST_AUTO_TEST_CASE(requests_that_crossed_the_goaway_are_answered_with_shutting_down) {
    engine_pair pair;
    pair.open();
    drain(pair.server);
    (void)pair.client.call("echo", "crosses");
    pair.exchange();
    BOOST_TEST(pair.server.events().starts_with("request_refused 1 shutting_down"));
    BOOST_TEST(pair.client.events().find("call_failed echo shutting_down retry") != std::string::npos);
    BOOST_TEST(pair.server.requests_sent + pair.client.requests_sent == pair.server.answers_sent);
}

BOOST_AUTO_TEST_CASE(the_receiver_starts_no_new_calls) {
    engine_end client(role::client);
    client.open({.name = "busy", .max_calls = 1});
    (void)client.call("runs");
    (void)client.call("waits");
    client.forget();
    client.hear(raw::goaway(1));
    BOOST_TEST(client.events() == "peer_goaway; call_failed waits shutting_down retry");
    auto call = std::make_shared<protocol::outbound_call>();
    call->task = "new";
    BOOST_TEST(name_of(client.try_call(call)->code) == "shutting_down");
    BOOST_TEST(client.reason() == "none");
    client.hear(raw::response(1, "done"));
    BOOST_TEST(client.events() == "reply runs \"done\"");
    BOOST_TEST(client.says() == "");
}

BOOST_AUTO_TEST_CASE(the_receiver_leaves_it_to_the_sender_to_close) {
    engine_end client(role::client);
    client.open();
    client.hear(raw::goaway(0));
    BOOST_TEST(client.reason() == "none");
    client.hear(raw::request(2, "echo", "needed"));
    BOOST_TEST(client.says() == "RESPONSE 2 \"needed\"");
    client.forget();
    client.hear_end();
    BOOST_TEST(client.events() == "closed shutting_down");
    BOOST_TEST(std::string(name_of(client.engine.cause().origin)) == "other_end");
}

BOOST_AUTO_TEST_CASE(a_sender_that_closes_with_a_call_unanswered_was_lost) {
    engine_end client(role::client);
    client.open();
    (void)client.call("runs");
    client.hear(raw::goaway(1));
    client.forget();
    client.hear_end();
    BOOST_TEST(client.events() == "closed connection_lost; call_failed runs connection_lost retry started");
}

BOOST_AUTO_TEST_CASE(a_sender_that_closes_in_the_middle_of_a_frame_was_lost) {
    engine_end client(role::client);
    client.open();
    client.hear(raw::goaway(0) + raw::request(2, "echo", "cut").substr(0, 13));
    client.hear_end();
    BOOST_TEST(client.reason() == "connection_lost");
}

BOOST_AUTO_TEST_CASE(a_receiver_waits_no_longer_than_for_any_idle_end) {
    engine_end client(role::client);
    client.open();
    client.wait(100s);
    client.hear(raw::goaway(0));
    client.wait(299s);
    BOOST_TEST(client.reason() == "none");
    client.wait(1s);
    BOOST_TEST(client.reason() == "idle_timeout");
}

BOOST_AUTO_TEST_CASE(one_who_is_needed_elsewhere_stays_until_it_is_let_go) {
    engine_pair pair;
    pair.open();
    pair.server.engine.goaway(true);
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.server.reason() == "none");
    (void)pair.server.call("echo", "still there");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "reply echo \"still there\"");
    (void)pair.server.call("wait");
    pair.exchange();
    pair.server.engine.let_go();
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.server.reason() == "none");
    pair.forget();
    (void)pair.client.answer(4, "done");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "reply wait \"done\"; closed shutting_down");
    BOOST_TEST(pair.client.events() == "closed shutting_down");
}

BOOST_AUTO_TEST_CASE(one_who_is_needed_elsewhere_is_not_idle) {
    engine_end server(role::server);
    server.open();
    server.engine.goaway(true);
    server.hear(barrier);
    server.wait(1h);
    BOOST_TEST(server.reason() == "none");
    server.engine.let_go();
    server.run();
    BOOST_TEST(server.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(letting_go_of_one_who_was_told_nothing_changes_nothing) {
    engine_end server(role::server);
    server.open();
    server.engine.let_go();
    server.run();
    BOOST_TEST(server.reason() == "none");
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(the_goaway_of_the_other_end_does_not_replace_its_pong) {
    engine_end server(role::server);
    server.open();
    drain(server);
    server.hear(raw::goaway(0));
    BOOST_TEST(!server.engine.is_known_to_leave());
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::request(1, "echo", "crosses"));
    BOOST_TEST(server.events() == "peer_goaway; request_refused 1 shutting_down");
    server.hear(barrier);
    BOOST_TEST(server.engine.is_known_to_leave());
    BOOST_TEST(server.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(a_client_s_drain_lets_the_server_s_calls_finish_and_refuses_its_new_ones) {
    engine_pair pair;
    pair.open();
    (void)pair.server.call("wait");
    pair.exchange();
    pair.forget();
    drain(pair.client);
    (void)pair.server.call("echo", "crosses");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "peer_goaway; call_failed echo shutting_down retry");
    (void)pair.client.call("echo", "from a handler");
    pair.exchange();
    BOOST_TEST(pair.client.events() == "request_refused 4 shutting_down; reply echo \"from a handler\"");
    pair.forget();
    (void)pair.client.answer(2, "done");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "reply wait \"done\"; closed shutting_down");
    BOOST_TEST(pair.client.events() == "closed shutting_down");
}

BOOST_AUTO_TEST_CASE(the_receiver_continues_to_serve_the_senders_calls) {
    engine_end client(role::client);
    client.open();
    (void)client.call("runs");
    client.hear(raw::goaway(1) + raw::request(2, "echo", "still"));
    BOOST_TEST(client.says() == "REQUEST 1 runs; RESPONSE 2 \"still\"");
}

BOOST_AUTO_TEST_CASE(the_sender_may_still_call_the_other_end) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    drain(pair.server);
    pair.exchange();
    pair.forget();
    (void)pair.server.call("echo", "needed to finish");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "reply echo \"needed to finish\"");
    (void)pair.server.answer(1);
    pair.exchange();
    BOOST_TEST(pair.client.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(pings_are_answered_while_the_connection_drains) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait"));
    drain(server);
    server.forget();
    server.hear(raw::ping("alive"));
    BOOST_TEST(server.says() == "PONG 0 \"alive\"");
}

BOOST_AUTO_TEST_CASE(both_ends_may_go_away_at_once) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    drain(pair.server);
    drain(pair.client);
    pair.exchange();
    BOOST_TEST(pair.server.reason() == "none");
    (void)pair.server.answer(1);
    pair.exchange();
    BOOST_TEST(pair.client.reason() == "shutting_down");
    BOOST_TEST(pair.server.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(what_runs_besides_calls_holds_a_draining_connection_open) {
    engine_end server(role::server);
    server.open();
    server.engine.hold_open(true);
    drain(server);
    server.hear(barrier);
    BOOST_TEST(server.reason() == "none");
    server.engine.hold_open(false);
    server.run();
    BOOST_TEST(server.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(an_answer_is_written_before_a_draining_connection_closes) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait"));
    drain(server);
    server.hear(barrier);
    server.line_takes = 0;
    (void)server.answer(1, "last");
    BOOST_TEST(server.reason() == "none");
    server.forget();
    server.line_takes = 1000;
    server.run();
    BOOST_TEST(server.says() == "RESPONSE 1 \"last\"");
    BOOST_TEST(server.reason() == "shutting_down");
}

// The end.

BOOST_AUTO_TEST_CASE(an_end_that_closes_says_why_ends_its_direction_and_waits_for_the_other_end) {
    engine_end server(role::server);
    server.open();
    server.engine.fail(failure(errc::refused, "bye"));
    server.run();
    BOOST_TEST(server.says() == "ERROR 0 refused retry");
    BOOST_TEST(server.send_is_shut);
    BOOST_TEST(!server.engine.is_closed());
    server.hear_end();
    BOOST_TEST(server.engine.is_closed());
    BOOST_TEST(server.reason() == "refused");
}

BOOST_AUTO_TEST_CASE(an_end_that_closes_drops_what_still_comes_for_a_limited_time) {
    engine_end server(role::server);
    server.open();
    server.engine.fail(failure(errc::refused, "bye"));
    server.run();
    server.forget();
    server.wait(999ms);
    server.hear(raw::request(1, "wait") + raw::ping());
    BOOST_TEST(server.events() == "");
    BOOST_TEST(server.says() == "");
    BOOST_TEST(server.engine.unread() == 0U);
    BOOST_TEST(!server.engine.is_closed());
    server.wait(1ms);
    BOOST_TEST(server.engine.is_closed());
    BOOST_CHECK(server.engine.next_timeout() == protocol::never);
}

BOOST_AUTO_TEST_CASE(the_last_words_have_10_s_to_go_out) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.engine.fail(failure(errc::refused, "bye"));
    server.run();
    server.wait(9999ms);
    BOOST_TEST(!server.engine.is_closed());
    server.wait(1ms);
    BOOST_TEST(server.engine.is_closed());
    BOOST_TEST(server.reason() == "refused");
}

BOOST_AUTO_TEST_CASE(closing_sends_what_is_queued_and_nothing_more) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", "queued") + raw::request(3, "wait"));
    server.engine.close(failure(errc::connection_closed, "closed here"));
    (void)server.answer(3, "too late");
    server.line_takes = 1000;
    server.run();
    BOOST_TEST(server.says() == "RESPONSE 1 \"queued\"");
    BOOST_TEST(server.send_is_shut);
}

BOOST_AUTO_TEST_CASE(aborting_sends_nothing) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", "queued"));
    server.forget();
    server.engine.abort(failure(errc::connection_closed, "closed here"));
    server.line_takes = 1000;
    server.run();
    BOOST_TEST(server.says() == "");
    BOOST_TEST(server.events() == "closed connection_closed");
}

BOOST_AUTO_TEST_CASE(all_running_calls_end_with_the_reason_of_the_error) {
    engine_pair pair;
    pair.open();
    (void)pair.client.call("wait");
    pair.exchange();
    pair.forget();
    pair.server.engine.fail(failure(errc::refused, "enough"));
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.client.events() == "closed refused; call_failed wait refused retry started");
    BOOST_TEST(pair.server.events() == "closed refused");
}

BOOST_AUTO_TEST_CASE(an_end_without_an_error_or_goaway_is_connection_lost) {
    engine_end client(role::client);
    client.open();
    (void)client.call("wait");
    client.hear_end();
    BOOST_TEST(client.events() == "closed connection_lost; call_failed wait connection_lost retry started");
}

BOOST_AUTO_TEST_CASE(an_end_that_cannot_write_still_hears_why) {
    engine_end client(role::client);
    client.open();
    client.line_takes = 0;
    (void)client.call("wait");
    client.engine.output_failed();
    client.hear(raw::error(0, errc::idle_timeout));
    BOOST_TEST(client.events() == "closed idle_timeout; call_failed wait idle_timeout started");
}

BOOST_AUTO_TEST_CASE(nothing_is_written_behind_a_frame_that_was_cut_off) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 20;
    server.hear(raw::request(1, "echo", "a reply that does not fit"));
    BOOST_TEST(server.take_output().size() == 20U);
    server.engine.output_failed();
    server.line_takes = 1'000;
    server.hear(raw::request(3, "echo", "another one"));
    BOOST_TEST(!server.engine.has_output());
    BOOST_TEST(server.take_output().empty());
}

BOOST_AUTO_TEST_CASE(an_end_that_cannot_write_and_hears_nothing_is_lost) {
    engine_end client(role::client);
    client.open();
    client.line_takes = 0;
    (void)client.call("wait");
    client.engine.output_failed();
    client.wait(999ms);
    BOOST_TEST(client.reason() == "none");
    client.wait(1ms);
    BOOST_TEST(client.events() == "closed connection_lost; call_failed wait connection_lost retry started");
}

BOOST_AUTO_TEST_CASE(kept_calls_can_be_visited_at_the_end_of_a_drain) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "wait") + raw::request(3, "wait"));
    int visited = 0;
    server.engine.each_kept([&](void* handler) { visited += handler == &server ? 1 : 0; });
    BOOST_TEST(visited == 2);
}

BOOST_AUTO_TEST_SUITE_END()
