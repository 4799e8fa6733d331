// Notifications that wait for the handlers of the other end.
#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;
using wire::frame_kind;

namespace {

// Eight of the notifications below use it up.
constexpr std::size_t window = 1280;

/// A body that makes a notification of topic "n" cost 160 bytes.
std::string body_of(char letter) {
    return std::string(28, letter);
}
std::string notify(std::string_view letters, std::string_view topic = "n") {
    std::string all;
    for (const char c : letters)
        all += raw::bytes_of({frame_kind::notify, 0, 0, raw::meta({.name = topic}), body_of(c)});
    return all;
}
/// The letters of the notifications in what an end tells.
std::string letters_in(std::string_view told) {
    std::string all;
    for (std::size_t at = 0; (at = told.find(" n \"", at)) != std::string_view::npos; at += 4) all += told[at + 4];
    return all;
}

/// A server that tells a client more than that handles.
struct slow_handler : engine_pair {
    explicit slow_handler(std::size_t max_frame = 1024 * 1024)
        : engine_pair({.limits = {.max_frame = max_frame, .handling_queue = window}, .name = "client"}) {
        open();
        client.keeps_notifications = true;
    }
    void send(std::string_view letters, const queue_rules& rules = {}) {
        for (const char c : letters) server.notify("n", body_of(c), rules);
        exchange();
    }
    void handle(std::size_t count) {
        client.handle_notifications(count);
        exchange();
    }
    /// The letters that have come.
    std::string came() { return letters_in(client.events()); }
};

/// A server by itself, whose client knows of credit or not.
struct lone_server : engine_end {
    explicit lone_server(bool with_credit = true) : engine_end(role::server, {.limits = {.handling_queue = window}}) {
        wire::hello theirs{.name = "client"};
        if (with_credit) theirs.notify_credit = window;
        open(theirs);
        keeps_notifications = true;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_notify_credit)

BOOST_AUTO_TEST_CASE(what_exceeds_the_window_waits_until_half_of_it_has_been_handled) {
    slow_handler pair;
    pair.send("abcdefghijklm");
    BOOST_TEST(pair.came() == "abcdefgh");
    BOOST_TEST(!pair.server.engine.has_notification_room());
    pair.handle(3);
    BOOST_TEST(pair.client.says() == "");
    BOOST_TEST(pair.came() == "");
    pair.handle(1);
    BOOST_TEST(pair.client.says() == "CREDIT 0 credit=640");
    BOOST_TEST(pair.came() == "ijkl");
    pair.handle(4);
    BOOST_TEST(pair.came() == "m");
    BOOST_TEST(pair.server.engine.has_notification_room());
    BOOST_TEST(pair.server.engine.counts().dropped == 0U);
}

BOOST_AUTO_TEST_CASE(it_applies_to_what_a_client_sends_too) {
    engine_pair pair({.name = "client"}, {.limits = {.handling_queue = window}, .name = "server"});
    pair.open();
    pair.server.keeps_notifications = true;
    for (const char c : std::string("abcdefghi")) pair.client.notify("n", body_of(c));
    pair.exchange();
    BOOST_TEST(letters_in(pair.server.events()) == "abcdefgh");
    pair.server.handle_notifications(4);
    pair.exchange();
    BOOST_TEST(letters_in(pair.server.events()) == "i");
}

BOOST_AUTO_TEST_CASE(one_frame_gives_credit_for_many_that_are_handled_as_they_come) {
    slow_handler pair;
    pair.client.keeps_notifications = false;
    std::string came;
    for (int i = 0; i != 100; ++i) {
        pair.send("x");
        came += pair.came();
    }
    BOOST_TEST(came == std::string(100, 'x'));
    const auto said = pair.client.says();
    std::size_t frames = 0;
    for (std::size_t at = 0; (at = said.find("CREDIT 0 credit=640", at)) != std::string::npos; ++at) ++frames;
    BOOST_TEST(frames == 25U);
}

BOOST_AUTO_TEST_CASE(one_of_any_size_is_sent_if_anything_is_left) {
    slow_handler pair;
    pair.send("abcdefg");
    pair.server.notify("n", std::string(5000, 'x'));
    pair.send("h");
    BOOST_TEST(pair.client.events().ends_with("; notification n <5000 bytes>"));
    pair.handle(7);
    BOOST_TEST(pair.came() == "", "what was handled is less than the large one cost");
    pair.handle(1);
    BOOST_TEST(pair.came() == "h");
}

BOOST_AUTO_TEST_CASE(one_in_pieces_costs_what_the_whole_does) {
    slow_handler pair(1024);
    pair.server.notify("n", std::string(3000, 'x'));
    pair.send("a");
    BOOST_TEST(pair.client.events() == "notification n <3000 bytes>");
    pair.handle(1);
    BOOST_TEST(pair.client.says() == "CREDIT 0 credit=3132");
    BOOST_TEST(pair.came() == "a");
}

BOOST_AUTO_TEST_CASE(the_latest_of_each_key_comes_however_slow_the_handler_is) {
    slow_handler pair;
    const queue_rules rules{.policy = overflow::keep_latest};
    for (int i = 0; i != 1000; ++i) {
        pair.server.notify("price", std::to_string(i), rules, i % 2 == 0 ? "gold" : "iron");
        pair.exchange();
    }
    const auto at_once = pair.client.unhandled();
    BOOST_TEST(at_once == 10U);
    pair.client.forget();
    pair.handle(at_once);
    BOOST_TEST(pair.client.events() == "notification price \"998\"; notification price \"999\"");
    BOOST_TEST(pair.server.engine.counts().dropped == 1000U - at_once - 2);
    BOOST_TEST(pair.client.engine.counts().dropped == 0U);
}

BOOST_AUTO_TEST_CASE(the_oldest_or_the_newest_give_way_if_their_rules_say_so) {
    slow_handler oldest;
    oldest.send("abcdefghijkl", {.policy = overflow::drop_oldest, .max_frames = 2});
    slow_handler newest;
    newest.send("abcdefghijkl", {.policy = overflow::drop_newest, .max_frames = 2});
    for (auto* pair : {&oldest, &newest}) {
        BOOST_TEST(pair->came() == "abcdefgh");
        pair->handle(8);
        BOOST_TEST(pair->server.engine.counts().dropped == 2U);
        BOOST_TEST(pair->server.events() == "warning; warning");  // the second: it has caught up
    }
    BOOST_TEST(oldest.came() == "kl");
    BOOST_TEST(newest.came() == "ij");
}

BOOST_AUTO_TEST_CASE(a_full_queue_ends_the_connection_if_its_rules_say_so_and_a_slow_handler_is_told) {
    slow_handler pair;
    const queue_rules rules{.policy = overflow::close, .max_frames = 2};
    pair.send("abcdefghij", rules);
    BOOST_TEST(pair.server.reason() == "none");
    pair.server.forget();
    pair.send("k", rules);
    BOOST_TEST(pair.server.says() == "ERROR 0 slow_consumer");
    BOOST_TEST(pair.server.reason() == "slow_consumer");
    BOOST_TEST(pair.client.reason() == "slow_consumer");
}

BOOST_AUTO_TEST_CASE(a_notification_without_the_credit_for_it_is_a_protocol_error) {
    lone_server server;
    server.hear(notify("abcdefgh"));
    BOOST_TEST(server.reason() == "none");
    server.hear(notify("i"));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    BOOST_TEST(letters_in(server.events()) == "abcdefgh");
}

BOOST_AUTO_TEST_CASE(what_was_handled_and_not_given_back_does_not_count_as_left) {
    lone_server server;
    server.hear(notify("abcdefgh"));
    server.handle_notifications(3);
    server.hear(notify("i"));
    BOOST_TEST(server.reason() == "protocol_error");
}

BOOST_AUTO_TEST_CASE(an_end_that_told_no_credit_is_neither_limited_nor_given_any) {
    lone_server server(false);
    for (int i = 0; i != 20; ++i) server.notify("n", body_of('x'));
    BOOST_TEST(letters_in(server.says()) == std::string(20, 'x'));
    server.hear(notify("abcdefghijklmnop"));
    const auto events = server.events();
    BOOST_TEST(letters_in(events) == "abcdefgh");
    BOOST_TEST(events.ends_with("; warning"));
    BOOST_TEST(server.engine.counts().dropped == 8U);
    server.hear(notify("q"));
    BOOST_TEST(server.events() == "", "one line in the log for all");
    server.handle_notifications(8);
    BOOST_TEST(server.says() == "");
    server.hear(notify("rstuvwxyz"));
    BOOST_TEST(letters_in(server.events()) == "rstuvwxy");
}

BOOST_AUTO_TEST_CASE(an_end_that_knows_no_credit_skips_it) {
    lone_server server(false);
    server.hear(raw::credit(0, 0x7fffffff) + raw::credit(0, 0x7fffffff) + raw::bytes_of({.kind = frame_kind::credit}));
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(credit_that_can_not_be_is_a_protocol_error) {
    lone_server without_record;
    without_record.hear(raw::bytes_of({.kind = frame_kind::credit}));
    BOOST_TEST(without_record.says() == "ERROR 0 protocol_error");
    lone_server too_much;
    too_much.hear(raw::credit(0, 0x7fffffff - window));
    BOOST_TEST(too_much.reason() == "none");
    too_much.hear(raw::credit(0, 1));
    BOOST_TEST(too_much.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(what_is_dropped_for_its_name_is_given_back_at_once) {
    lone_server server;
    for (int i = 0; i != 10; ++i) server.hear(notify("abcd", "\xff"));
    BOOST_TEST(server.says().starts_with("CREDIT 0 credit=640; CREDIT 0 credit=640; "));
    BOOST_TEST(server.reason() == "none");
    BOOST_TEST(server.events() == "");
}

BOOST_AUTO_TEST_CASE(an_end_that_does_not_read_gets_its_credit_once_it_does) {
    engine_end client(role::client, {.limits = {.output_soft = 1024, .handling_queue = window}});
    client.open({.name = "server", .notify_credit = 1024 * 1024});
    client.line_takes = 0;
    client.notify("filler", std::string(2000, 'x'));
    client.hear(notify("abcdefgh"));
    client.line_takes = 10'000;
    client.run();
    BOOST_TEST(client.says() == "NOTIFY 0 filler <2000 bytes>; CREDIT 0 credit=1280");
    client.line_takes = 0;
    client.notify("filler", std::string(2000, 'x'));
    client.hear(notify("abcdefghi"));
    BOOST_TEST(client.reason() == "protocol_error");
}

// The end.

BOOST_AUTO_TEST_CASE(what_waits_for_credit_goes_out_before_an_orderly_end) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    (void)pair.came();
    pair.server.engine.close(failure(errc::connection_closed, "bye"));
    pair.server.run();
    pair.exchange();
    BOOST_TEST(!pair.server.send_is_shut);
    pair.client.hear(raw::ping());  // what comes besides credit is dropped
    pair.handle(4);
    BOOST_TEST(pair.came() == "ijkl");
    BOOST_TEST(pair.server.send_is_shut);
    BOOST_TEST(pair.server.reason() == "connection_closed");
    BOOST_TEST(pair.client.reason() == "connection_lost");
}

BOOST_AUTO_TEST_CASE(an_orderly_end_waits_for_credit_for_as_long_as_for_a_line) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    pair.server.engine.close(failure(errc::connection_closed, "bye"));
    pair.server.run();
    pair.wait(9s);
    BOOST_TEST(!pair.server.engine.is_closed());
    pair.wait(1s);
    BOOST_TEST(pair.server.engine.is_closed());
}

BOOST_AUTO_TEST_CASE(an_end_that_is_dismissed_learns_why_behind_what_waited_for_credit) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    (void)pair.came();
    pair.server.engine.dismiss(failure(errc::refused, "bye"));
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.client.reason() == "none");
    pair.handle(4);
    BOOST_TEST(pair.came() == "ijkl");
    BOOST_TEST(pair.client.reason() == "refused");
}

BOOST_AUTO_TEST_CASE(an_end_that_is_dismissed_learns_why_even_if_it_handles_nothing_more) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    (void)pair.came();
    pair.server.engine.dismiss(failure(errc::refused, "bye"));
    pair.server.run();
    pair.wait(10s);
    BOOST_TEST(pair.came() == "");
    BOOST_TEST(pair.client.reason() == "refused");
}

BOOST_AUTO_TEST_CASE(a_drain_waits_for_what_waits_for_credit) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    (void)pair.came();
    pair.server.engine.goaway();
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.server.reason() == "none");
    pair.handle(4);
    BOOST_TEST(pair.came() == "ijkl");
    BOOST_TEST(pair.server.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(a_drain_whose_time_is_up_gives_up_what_waits_for_credit) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    pair.forget();
    pair.server.engine.give_up_notifications();
    pair.server.engine.goaway();
    pair.server.run();
    pair.exchange();
    BOOST_TEST(pair.came() == "");
    BOOST_TEST(pair.server.events() == "warning; closed shutting_down");
    BOOST_TEST(pair.server.engine.counts().dropped == 4U);
}

BOOST_AUTO_TEST_CASE(an_end_that_is_told_of_a_drain_answers_behind_what_waits_for_credit) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    pair.forget();
    pair.client.engine.goaway();
    pair.client.run();
    pair.exchange();
    BOOST_TEST(pair.client.says() == "GOAWAY 0 shutting_down last_call=0; PING 0 \"goaway\"");
    BOOST_TEST(pair.server.says() == "");
    pair.handle(3);
    BOOST_TEST(pair.client.reason() == "none");
    BOOST_TEST(!pair.client.engine.is_known_to_leave());
    pair.handle(1);
    BOOST_TEST(pair.came() == "ijkl");
    BOOST_TEST(pair.client.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(what_is_said_after_a_goaway_is_not_waited_for) {
    slow_handler pair;
    pair.send("abcdefghij");
    pair.client.engine.goaway();
    pair.client.run();
    pair.exchange();
    pair.send("klmnopqrstuvwxyz");
    (void)pair.came();
    pair.handle(4);
    BOOST_TEST(pair.came() == "ijkl");
    BOOST_TEST(pair.client.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(whatever_gives_way_an_end_that_leaves_is_answered) {
    slow_handler pair;
    pair.send("abcdefghijkl", {.policy = overflow::drop_oldest, .max_frames = 4});
    pair.client.engine.goaway();
    pair.client.run();
    pair.exchange();
    pair.send("mnopqr", {.policy = overflow::drop_oldest, .max_frames = 4});
    (void)pair.came();
    pair.handle(4);
    BOOST_TEST(pair.came() == "opqr");
    BOOST_TEST(pair.client.reason() == "shutting_down");
}

BOOST_AUTO_TEST_CASE(only_the_ping_behind_a_goaway_waits_for_notifications) {
    lone_server server;
    for (const char c : std::string("abcdefghij")) server.notify("n", body_of(c));
    server.forget();
    server.hear(raw::ping("before") + raw::goaway(0) + raw::ping("goaway") + raw::ping("alive"));
    BOOST_TEST(server.says() == "PONG 0 \"before\"; PONG 0 \"alive\"");
    server.engine.give_up_notifications();
    server.run();
    BOOST_TEST(server.says() == "PONG 0 \"goaway\"");
}

BOOST_AUTO_TEST_CASE(an_end_that_leaves_is_answered_behind_the_last_piece_of_a_notification) {
    lone_server server;
    server.line_takes = 40'000;
    server.notify("n", std::string(3 * 1024 * 1024, 'a'));
    server.hear(raw::goaway(0) + raw::ping("goaway"));
    server.line_takes = 16 * 1024 * 1024;
    server.run();
    const auto said = server.says();
    BOOST_TEST(said.starts_with("NOTIFY MORE 1 "));
    BOOST_TEST(said.ends_with("; PONG 0 \"goaway\""));
}

BOOST_AUTO_TEST_CASE(an_end_that_ends_with_an_error_is_sent_nothing_more) {
    lone_server server;
    for (const char c : std::string("abcdefghij")) server.notify("n", body_of(c));
    server.hear(raw::error(0, errc::refused));
    BOOST_TEST(server.send_is_shut);
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_idle_while_notifications_wait) {
    slow_handler pair;
    pair.send("abcdefghijkl");
    pair.wait(1000s);
    BOOST_TEST(pair.server.reason() == "none");
    BOOST_TEST(pair.client.reason() == "none");
    pair.handle(8);
    pair.handle(4);
    pair.wait(700s);
    BOOST_TEST(pair.server.reason() == "idle_timeout");
}

BOOST_AUTO_TEST_SUITE_END()
