#include "support/engine_pair.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using namespace std::chrono_literals;
using protocol::role;

namespace {

/// What an end makes of these first bytes.
std::string end_of(role r, std::string_view bytes) {
    engine_end end(r);
    end.begin();
    (void)end.says();
    end.hear(bytes);
    return end.reason() + "; " + end.says();
}

std::string hello_with(std::string_view records) {
    const std::string body = std::string("ECHO\1\0\0\0", 8) + std::string(records);
    return raw::bytes_of({.kind = wire::frame_kind::hello, .body = body});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_handshake)

BOOST_AUTO_TEST_CASE(the_client_greets_first_and_the_server_answers) {
    engine_pair pair;
    pair.begin();
    BOOST_TEST(pair.client.says() == "HELLO");
    BOOST_TEST(pair.server.says() == "");
    pair.exchange();
    BOOST_TEST(pair.server.events() == "opened client");
    BOOST_TEST(pair.server.says() == "HELLO");
    BOOST_TEST(pair.client.events() == "opened server");
    BOOST_TEST(pair.client.says() == "");
}

BOOST_AUTO_TEST_CASE(a_greeting_may_come_byte_by_byte) {
    engine_pair pair;
    pair.chunk = 1;
    pair.begin();
    pair.exchange();
    BOOST_TEST(pair.server.events() == "opened client");
    BOOST_TEST(pair.client.events() == "opened server");
}

BOOST_AUTO_TEST_CASE(a_server_says_nothing_before_the_clients_hello) {
    engine_end server(role::server);
    server.begin();
    server.notify("news", "early");
    const auto call = server.call("early");
    server.wait(4s);
    BOOST_TEST(server.says() == "");
    server.hear(raw::hello());
    BOOST_TEST(server.says() == "HELLO; NOTIFY 0 news \"early\"; REQUEST 2 early");
}

BOOST_AUTO_TEST_CASE(requests_may_follow_the_clients_hello_at_once) {
    engine_end server(role::server);
    server.begin();
    server.hear(raw::hello() + raw::request(1, "echo", "hi"));
    BOOST_TEST(server.says() == "HELLO; RESPONSE 1 \"hi\"");
}

BOOST_AUTO_TEST_CASE(requests_behind_a_hello_are_not_taken_before_it_is_accepted) {
    engine_end server(role::server);
    server.awaits_welcome = true;
    server.begin();
    server.hear(raw::hello() + raw::request(1, "echo", "hi"));
    BOOST_TEST(server.events() == "opened raw peer");
    server.run();
    BOOST_TEST(server.says() == "");
    server.engine.accept();
    server.run();
    BOOST_TEST(server.says() == "HELLO; RESPONSE 1 \"hi\"");
}

BOOST_AUTO_TEST_CASE(a_server_may_refuse_the_connection_in_place_of_its_hello) {
    engine_pair pair;
    pair.server.unwelcome = failure(errc::refused, "full");
    pair.begin();
    const auto call = pair.client.call("echo", "never served");
    pair.exchange();
    BOOST_TEST(pair.server.says() == "ERROR 0 refused retry");
    BOOST_TEST(pair.server.events() == "opened client; closed refused");
    BOOST_TEST(pair.client.events() == "closed refused; call_failed echo refused retry started");
    BOOST_TEST(pair.client.engine.cause().detail == "the other side closed the connection: full");
}

BOOST_AUTO_TEST_CASE(a_client_takes_an_error_in_place_of_a_hello) {
    for (const auto code : {errc::refused, errc::shutting_down, errc::unsupported_version, errc::protocol_error})
        BOOST_TEST(end_of(role::client, raw::error(0, code)) == std::string(name_of(code)) + "; ");
    BOOST_TEST(end_of(role::client, raw::error(1, errc::refused)) == "not_echosocket; ");
    BOOST_TEST(end_of(role::server, raw::error(0, errc::refused)) == "not_echosocket; ");
}

BOOST_AUTO_TEST_CASE(a_client_takes_an_error_of_at_most_16384_bytes_in_place_of_a_hello) {
    const auto error_of = [](std::size_t length) {
        return raw::bytes_of({.kind = wire::frame_kind::error, .body = std::string(length - 8, 'x')});
    };
    BOOST_TEST(end_of(role::client, error_of(16384)) == "task_failed; ");
    BOOST_TEST(end_of(role::client, error_of(16385)) == "not_echosocket; ");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_a_hello_are_not_answered) {
    BOOST_TEST(end_of(role::server, "GET / HTTP/1.1\r\n") == "not_echosocket; ");
    BOOST_TEST(end_of(role::client, "HTTP/1.1 400 Bad Request\r\n") == "not_echosocket; ");
    BOOST_TEST(end_of(role::server, raw::ping()) == "not_echosocket; ");
    BOOST_TEST(end_of(role::server, raw::request(1, "echo")) == "not_echosocket; ");
}

BOOST_AUTO_TEST_CASE(a_hello_has_a_length_of_16_to_16384) {
    BOOST_TEST(end_of(role::server, raw::header(15, wire::frame_kind::hello, 0)) == "not_echosocket; ");
    BOOST_TEST(end_of(role::server, raw::header(16, wire::frame_kind::hello, 0)) == "none; ");
    BOOST_TEST(end_of(role::server, raw::header(16384, wire::frame_kind::hello, 0)) == "none; ");
    BOOST_TEST(end_of(role::server, raw::header(16385, wire::frame_kind::hello, 0)) == "not_echosocket; ");
}

BOOST_AUTO_TEST_CASE(another_major_version_ends_the_connection) {
    const auto said = end_of(role::server, raw::hello({.major = 2, .name = "x"}));
    BOOST_TEST(said == "unsupported_version; ERROR 0 unsupported_version");
    BOOST_TEST(end_of(role::client, raw::hello({.major = 2, .name = "x"})) == said);
}

BOOST_AUTO_TEST_CASE(another_minor_version_changes_nothing) {
    BOOST_TEST(end_of(role::server, raw::hello({.minor = 9, .name = "x"})) == "none; HELLO");
}

BOOST_AUTO_TEST_CASE(a_hello_names_its_end) {
    BOOST_TEST(end_of(role::server, hello_with("")) == "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, hello_with({"\1\0\0", 3})) == "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, hello_with({"\1\1\0\xff", 4})) == "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, hello_with({"\1\1\0x", 4})) == "none; HELLO");
}

BOOST_AUTO_TEST_CASE(unknown_records_of_a_hello_are_skipped_and_of_repeated_ones_the_last_counts) {
    engine_end server(role::server);
    server.begin();
    server.hear(hello_with({"\1\1\0a\xc8\1\0?\1\1\0b", 12}));
    BOOST_TEST(server.events() == "opened b");
}

BOOST_AUTO_TEST_CASE(a_hello_that_is_cut_in_a_record_or_has_an_invalid_limit_is_a_protocol_error) {
    BOOST_TEST(end_of(role::server, hello_with({"\1\1\0x\2", 5})) == "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, raw::hello({.name = "x", .max_frame = 1023})) ==
               "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, raw::hello({.name = "x", .max_frame = 2048, .max_message = 2047})) ==
               "protocol_error; ERROR 0 protocol_error");
    BOOST_TEST(end_of(role::server, raw::hello({.name = "x", .stream_credit = 0x80000000})) ==
               "protocol_error; ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(a_second_hello_is_a_protocol_error) {
    engine_end server(role::server);
    server.open();
    server.hear(raw::hello());
    BOOST_TEST(server.says() == "ERROR 0 protocol_error");
    engine_end client(role::client);
    client.open();
    client.hear(raw::hello());
    BOOST_TEST(client.says() == "ERROR 0 protocol_error");
}

BOOST_AUTO_TEST_CASE(no_complete_hello_within_5_s_ends_the_connection_without_a_word) {
    for (const auto r : {role::client, role::server}) {
        engine_end end(r);
        end.begin();
        end.forget();
        const auto hello = raw::hello();
        end.hear(std::string_view(hello).substr(0, hello.size() - 1));
        end.wait(4999ms);
        BOOST_TEST(end.reason() == "none");
        end.wait(1ms);
        BOOST_TEST(end.events() == "closed hello_timeout");
        BOOST_TEST(end.says() == "");
        BOOST_CHECK(end.engine.next_timeout() == protocol::never);
    }
}

BOOST_AUTO_TEST_CASE(a_hello_in_time_stops_the_wait_for_it) {
    engine_end server(role::server);
    server.begin();
    server.wait(4999ms);
    server.hear(raw::hello());
    server.wait(1min);
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_closed_before_the_hello_is_lost) {
    engine_end server(role::server);
    server.begin();
    server.hear_end();
    BOOST_TEST(server.events() == "closed connection_lost");
}

BOOST_AUTO_TEST_CASE(the_limits_of_the_hello_bind_the_other_end) {
    engine_end client(role::client);
    client.open({.name = "small", .max_frame = 1024, .max_message = 2048, .max_calls = 1});
    BOOST_TEST(client.engine.peer_max_message() == 2048U);
    const auto large = std::make_shared<protocol::outbound_call>();
    large->task = "echo";
    large->body.bytes = std::string(2049, 'x');
    BOOST_TEST(name_of(client.try_call(large)->code) == "message_too_large");
    (void)client.call("echo", std::string(1025, 'x'));
    BOOST_TEST(client.says() == "REQUEST MORE 1 echo <1024 bytes>; REQUEST 1 \"x\"");
    (void)client.call("echo", "waits");
    BOOST_TEST(client.says() == "");
}

BOOST_AUTO_TEST_CASE(a_drain_before_the_hello_turns_the_other_end_away) {
    engine_end server(role::server);
    server.begin();
    server.engine.goaway();
    server.run();
    BOOST_TEST(server.says() == "ERROR 0 shutting_down retry");
    BOOST_TEST(server.events() == "closed shutting_down");
}

BOOST_AUTO_TEST_CASE(what_follows_a_refused_hello_is_not_handled) {
    engine_end server(role::server);
    server.unwelcome = failure(errc::refused, "no");
    server.begin();
    server.hear(raw::hello() + raw::request(1, "echo", "hi"));
    BOOST_TEST(server.events() == "opened raw peer; closed refused");
    BOOST_TEST(server.says() == "ERROR 0 refused retry");
    server.engine.accept();
    server.run();
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_SUITE_END()
