#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using protocol::role;
using wire::frame_kind;

namespace {

std::string notify(std::string_view topic, std::string_view body, std::uint32_t id = 0, std::uint8_t flags = 0) {
    return raw::bytes_of({frame_kind::notify, flags, id, raw::meta({.name = topic}), std::string(body)});
}

/// A client whose line is full: further notifications wait.
class slow_line : public engine_end {
public:
    slow_line() : engine_end(role::client) {
        open();
        line_takes = 0;
        notify("filler", std::string(64 * 1024, 'x'));
        forget();
    }
    /// What it says once the line takes it.
    std::string rest() {
        line_takes = 10'000'000;
        run();
        const auto said = says();
        const std::string filler = "NOTIFY 0 filler <65536 bytes>";
        BOOST_TEST(said.starts_with(filler));
        return said.size() == filler.size() ? "" : said.substr(filler.size() + 2);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_notifications)

BOOST_AUTO_TEST_CASE(a_notification_is_never_answered) {
    engine_pair pair;
    pair.open();
    pair.server.notify("news", "body");
    pair.exchange();
    BOOST_TEST(pair.server.says() == "NOTIFY 0 news \"body\"");
    BOOST_TEST(pair.client.events() == "notification news \"body\"");
    BOOST_TEST(pair.client.says() == "");
    BOOST_TEST(pair.server.engine.counts().notifications_out == 1U);
    BOOST_TEST(pair.client.engine.counts().notifications_in == 1U);
}

BOOST_AUTO_TEST_CASE(a_notification_without_a_name_of_utf_8_is_dropped) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::bytes_of({.kind = frame_kind::notify, .body = "x"}) + notify("\xff", "x") + notify("ok", "x"));
    BOOST_TEST(server.events() == "notification ok \"x\"");
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(notifications_come_in_the_order_of_their_last_frames) {
    engine_end server(role::server);
    server.open();
    server.hear(notify("a", "1", 7, raw::more) + notify("b", "whole") + notify("c", "3", 8, raw::more) +
                notify("", "4", 8) + notify("", "2", 7));
    BOOST_TEST(server.events() == "notification b \"whole\"; notification c \"34\"; notification a \"12\"");
}

BOOST_AUTO_TEST_CASE(a_split_notification_with_id_0_is_a_protocol_error) {
    engine_end server(role::server);
    server.open();
    server.hear(notify("a", "1", 0, raw::more));
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(the_number_of_a_split_notification_has_nothing_to_do_with_ids_of_calls) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::request(1, "echo", "a", raw::more) + notify("n", "1", 1, raw::more) + notify("", "2", 1) +
                raw::piece(1, "b"));
    BOOST_TEST(server.events() == "notification n \"12\"; request 1 echo \"ab\"");
}

BOOST_AUTO_TEST_CASE(large_notifications_are_split_under_numbers_of_their_own_and_keep_their_order) {
    engine_pair pair({.limits = {.max_frame = 1024}, .name = "client"});
    pair.open();
    pair.server.notify("large", std::string(2000, 'a'));
    pair.server.notify("small", "b");
    pair.server.notify("large", std::string(2000, 'c'));
    pair.exchange();
    BOOST_TEST(pair.server.says() ==
               "NOTIFY MORE 1 large <1024 bytes>; NOTIFY 1 <976 bytes>; NOTIFY 0 small \"b\"; "
               "NOTIFY MORE 2 large <1024 bytes>; NOTIFY 2 <976 bytes>");
    BOOST_TEST(pair.client.events() ==
               "notification large <2000 bytes>; notification small \"b\"; notification large <2000 bytes>");
}

BOOST_AUTO_TEST_CASE(a_small_notification_does_not_overtake_a_large_one) {
    engine_end server(role::server);
    server.open({.name = "small", .max_frame = 1024});
    server.line_takes = 0;
    server.notify("large", std::string(3000, 'a'));
    server.notify("small", "b");
    server.line_takes = 100'000;
    server.run();
    BOOST_TEST(server.says() ==
               "NOTIFY MORE 1 large <1024 bytes>; NOTIFY MORE 1 <1024 bytes>; NOTIFY 1 <952 bytes>; "
               "NOTIFY 0 small \"b\"");
}

BOOST_AUTO_TEST_CASE(a_notification_above_the_receivers_max_message_is_dropped_with_a_warning) {
    engine_end server(role::server);
    server.open({.name = "small", .max_frame = 1024, .max_message = 1024});
    server.notify("news", std::string(1025, 'x'));
    BOOST_TEST(server.says() == "");
    BOOST_TEST(server.events() == "warning");
    BOOST_TEST(server.engine.counts().dropped == 1U);
}

BOOST_AUTO_TEST_CASE(notifications_before_the_hello_wait_for_it) {
    engine_pair pair;
    pair.begin();
    pair.client.notify("early", "a");
    BOOST_TEST(!pair.client.engine.has_notification_room());
    BOOST_TEST(pair.client.says() == "HELLO");
    pair.exchange();
    BOOST_TEST(pair.client.says() == "NOTIFY 0 early \"a\"");
    BOOST_TEST(pair.client.engine.has_notification_room());
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_the_oldest_if_its_rules_say_so) {
    slow_line line;
    const queue_rules rules{.policy = overflow::drop_oldest, .max_frames = 2};
    for (const auto* body : {"a", "b", "c"}) line.notify("news", body, rules);
    BOOST_TEST(line.events() == "warning");
    BOOST_TEST(line.rest() == "NOTIFY 0 news \"b\"; NOTIFY 0 news \"c\"");
    BOOST_TEST(line.events() == "warning");  // the other end has caught up
    BOOST_TEST(line.engine.counts().dropped == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_the_new_one_if_its_rules_say_so) {
    slow_line line;
    const queue_rules rules{.policy = overflow::drop_newest, .max_frames = 2};
    for (const auto* body : {"a", "b", "c"}) line.notify("news", body, rules);
    BOOST_TEST(line.rest() == "NOTIFY 0 news \"a\"; NOTIFY 0 news \"b\"");
    BOOST_TEST(line.engine.counts().dropped == 1U);
}

BOOST_AUTO_TEST_CASE(a_waiting_notification_is_replaced_by_one_with_its_key_if_its_rules_say_so) {
    slow_line line;
    const queue_rules rules{.policy = overflow::keep_latest};
    line.notify("price", "1", rules, "gold");
    line.notify("price", "2", rules, "iron");
    line.notify("price", "3", rules, "gold");
    BOOST_TEST(line.rest() == "NOTIFY 0 price \"3\"; NOTIFY 0 price \"2\"");
}

BOOST_AUTO_TEST_CASE(a_full_queue_ends_the_connection_if_its_rules_say_so) {
    slow_line line;
    const queue_rules rules{.policy = overflow::close, .max_frames = 2};
    for (const auto* body : {"a", "b"}) line.notify("news", body, rules);
    BOOST_TEST(line.reason() == "none");
    line.notify("news", "c", rules);
    BOOST_TEST(line.events() == "closed slow_consumer");
    BOOST_TEST(line.engine.is_closed());
}

BOOST_AUTO_TEST_CASE(bytes_count_against_the_bound_of_a_queue_too) {
    slow_line line;
    const queue_rules rules{.policy = overflow::drop_oldest, .max_bytes = 250};
    for (const char c : {'a', 'b', 'c'}) line.notify("news", std::string(100, c), rules);
    BOOST_TEST(line.rest() == "NOTIFY 0 news <100 bytes>; NOTIFY 0 news <100 bytes>");
}

BOOST_AUTO_TEST_CASE(a_topic_with_rules_of_its_own_has_a_bound_of_its_own) {
    slow_line line;
    const queue_rules rules{.policy = overflow::drop_newest, .max_frames = 1};
    line.notify("news", "a", rules);
    line.notify("prices", "b", rules, {}, "prices");
    line.notify("weather", "c", rules);
    BOOST_TEST(line.rest() == "NOTIFY 0 news \"a\"; NOTIFY 0 prices \"b\"");
}

BOOST_AUTO_TEST_CASE(what_gave_way_before_it_got_here_is_counted_and_told) {
    engine_end server(role::server);
    server.open();
    server.engine.count_overflow({.dropped = 3}, "news");
    server.run();
    BOOST_TEST(server.engine.counts().dropped == 3U);
    BOOST_TEST(server.engine.counts().notifications_out == 3U);
    BOOST_TEST(server.events() == "warning");
    server.engine.count_overflow({.overflowed = true}, "news");
    server.run();
    BOOST_TEST(server.events() == "closed slow_consumer");
}

BOOST_AUTO_TEST_CASE(what_waits_is_sent_before_the_other_end_is_dismissed) {
    slow_line line;
    line.notify("news", "a");
    line.notify("news", "b");
    line.engine.dismiss(failure(errc::refused, "bye"));
    line.run();
    BOOST_TEST(line.rest() == "NOTIFY 0 news \"a\"; NOTIFY 0 news \"b\"; ERROR 0 refused retry");
}

BOOST_AUTO_TEST_CASE(a_small_one_does_not_overtake_a_large_one_before_the_other_end_is_dismissed) {
    engine_pair pair({.limits = {.max_frame = 1024}, .name = "client"});
    pair.open();
    pair.server.line_takes = 0;
    for (int i = 0; i != 80; ++i) pair.server.notify("filler", std::string(1000, 'x'));
    pair.server.notify("large", std::string(2000, 'a'));
    pair.server.notify("small", "b");
    pair.server.engine.dismiss(failure(errc::refused, "bye"));
    pair.server.line_takes = 10'000'000;
    pair.server.run();
    pair.exchange();
    const auto came = pair.client.events();
    BOOST_TEST(came.find("notification large") < came.find("notification small"), came);
}

BOOST_AUTO_TEST_CASE(nothing_is_notified_behind_an_error_about_the_connection) {
    slow_line line;
    line.notify("news", "waits");
    line.engine.fail(failure(errc::protocol_error, "over"));
    line.run();
    line.notify("news", "late");
    BOOST_TEST(line.rest() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(an_invalid_topic_or_too_long_a_trace_id_makes_no_notification) {
    const auto error_of = [](std::string_view topic, std::string_view trace_id) {
        return name_of(protocol::make_notification(topic, {}, trace_id, {}, {}).error().code);
    };
    BOOST_TEST(error_of("", "") == "invalid_name");
    BOOST_TEST(error_of("\xff", "") == "invalid_name");
    BOOST_TEST(error_of("ok", std::string(65, 't')) == "bad_request");
}

BOOST_AUTO_TEST_SUITE_END()
