#include "support/allocation_count.hpp"
#include "support/scripted_server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

BOOST_FIXTURE_TEST_SUITE(hostile_servers, scripted_server)

BOOST_AUTO_TEST_CASE(a_server_that_never_greets_is_given_up_on_after_five_seconds) {
    connect();
    server->expects_hello();
    pass(4900ms, 100ms);
    server->expects_nothing();
    pass(100ms, 100ms);
    BOOST_TEST((expect_not_connected().code == errc::hello_timeout));
    server->expects_the_end();
}

BOOST_AUTO_TEST_CASE(a_greeting_byte_by_byte_gets_no_more_time) {
    connect();
    server->expects_hello();
    for (const char byte : raw::hello().substr(0, 11)) {
        server->sends({&byte, 1});
        pass(500ms);
    }
    BOOST_TEST((expect_not_connected().code == errc::hello_timeout));
}

BOOST_AUTO_TEST_CASE(a_greeting_that_comes_late_but_in_time_is_taken) {
    connect();
    server->expects_hello();
    pass(4900ms, 100ms);
    server->sends_in_steps_of(1, raw::hello());
    expect_connected();
    expect_usable();
}

BOOST_AUTO_TEST_CASE(a_server_of_another_protocol_is_known_at_once) {
    using namespace std::string_literals;
    for (const auto& words : {"HTTP/1.1 400 Bad Request\r\n\r\n"s, "SSH-2.0-OpenSSH_9.2p1\r\n"s,
                              "\x15\x03\x01\x00\x02\x02\x46"s, "220 mail ESMTP\r\n"s, std::string(64, '\0'),
                              raw::request(2, "ask"), raw::error(1, errc::refused), raw::ping()}) {
        connect();
        server->expects_hello();
        server->sends(words);
        BOOST_TEST((expect_not_connected().code == errc::not_echosocket));
        server->expects_the_end();
    }
}

BOOST_AUTO_TEST_CASE(a_server_may_refuse_and_is_quoted_without_its_control_characters) {
    connect();
    server->expects_hello();
    server->sends(raw::error(0, errc::refused, "\x1b[2Jfull\n"));
    const auto why = expect_not_connected();
    BOOST_TEST((why.code == errc::refused));
    BOOST_TEST(why.detail.find("full") != std::string::npos);
    BOOST_TEST(why.detail.find('\x1b') == std::string::npos);

    for (std::size_t step : {1U, 3U, 1000U}) {  // a refusal without a text is shorter than any HELLO
        connect();
        server->sends_in_steps_of(step, raw::error(0, errc::shutting_down));
        BOOST_TEST((expect_not_connected().code == errc::shutting_down));
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_is_held_against_the_limit_of_a_greeting) {
    connect();
    server->sends(raw::error(0, errc::refused, std::string(16'000, 'x')));
    BOOST_TEST((expect_not_connected().code == errc::refused));
    connect();
    const allocation_watch memory;
    server->sends(raw::header(1024 * 1024, frame_kind::error, 0));
    BOOST_TEST((expect_not_connected().code == errc::not_echosocket));
    BOOST_TEST(memory.peak() < 100U * 1024U);
}

BOOST_AUTO_TEST_CASE(a_server_of_another_version_is_told_so) {
    connect();
    server->expects_hello();
    server->sends(raw::hello({.major = 2, .name = "later"}));
    BOOST_TEST((expect_not_connected().code == errc::unsupported_version));
    server->expects_the_end_because(errc::unsupported_version);
}

BOOST_AUTO_TEST_CASE(a_server_that_vanishes_before_its_greeting_is_lost) {
    for (const std::size_t size : {0U, 1U, 30U}) {
        connect();
        server->sends(raw::hello().substr(0, size));
        server->leaves();
        BOOST_TEST((expect_not_connected().code == errc::connection_lost));
    }
}

BOOST_AUTO_TEST_CASE(a_second_greeting_ends_the_connection_and_what_runs_on_it) {
    connect_and_greet();
    auto call = start("echo");
    server->expects_request(1, "echo", "");
    server->sends(raw::hello());
    const auto why = failure_of(call);
    BOOST_TEST((why.code == errc::protocol_error));
    BOOST_TEST(why.started);
    server->expects_the_end_because(errc::protocol_error);
    BOOST_TEST((expect_closed().code == errc::protocol_error));
}

BOOST_AUTO_TEST_CASE(a_server_that_calls_is_answered_that_there_is_no_such_task) {
    connect_and_greet();
    server->sends(raw::request(2, "ask", "me"));
    server->expects_error(2, errc::unknown_task);
    expect_usable();
    server->sends(raw::request(3, "ask", "with a client's id"));
    server->expects_the_end_because(errc::protocol_error);
    BOOST_TEST((expect_closed().code == errc::protocol_error));
}

BOOST_AUTO_TEST_CASE(a_server_that_calls_or_cancels_without_end_is_abusive) {
    for (const auto& nuisance : {raw::request(2, "ask"), raw::cancel(2)}) {
        connect_and_greet();
        for (int i = 0; i != 1001; ++i) server->sends(nuisance);
        server->expects_the_end_at_last_because(errc::abusive);
        BOOST_TEST((expect_closed().code == errc::abusive));
    }
}

BOOST_AUTO_TEST_CASE(a_server_that_pings_without_end_and_reads_no_answer_is_abusive) {
    connect_and_greet();
    server->reads_only(0);
    const auto ping = raw::ping(std::string(64, 'p'));
    std::string pings;
    while (pings.size() < 256 * 1024) pings += ping;
    const allocation_watch memory;
    for (int i = 0; i != 64; ++i) server->sends(pings);
    BOOST_TEST(memory.peak() < 4U * 1024U * 1024U);
    BOOST_TEST(!caller.connected());
    pass(10s);  // for the closing ERROR, which is not read either
    BOOST_TEST((expect_closed().code == errc::abusive));
}

BOOST_AUTO_TEST_CASE(a_server_that_pings_and_reads_is_answered) {
    connect_and_greet();
    for (int i = 0; i != 5000; ++i) {
        server->sends(raw::ping("are you there?"));
        server->expects_pong("are you there?");
    }
    expect_usable();
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_no_bytes_fails_the_call_that_it_holds_up) {
    connect_and_greet();
    server->reads_only(0);
    auto call = start("echo", std::string(1024 * 1024, 'x'));
    pass(9900ms, 100ms);
    BOOST_TEST(!call.done());
    pass(200ms, 100ms);
    const auto why = failure_of(call);
    BOOST_TEST((why.code == errc::write_stalled));
}

BOOST_AUTO_TEST_CASE(a_server_that_answers_no_pings_is_lost) {
    connect_and_greet();
    auto call = start("echo");
    pass(3 * 34500ms + 1s);
    BOOST_TEST((failure_of(call).code == errc::ping_timeout));
}

BOOST_AUTO_TEST_CASE(a_server_that_says_goodbye_twice_is_left_once_all_is_answered) {
    connect_and_greet({.name = "with room for one", .max_calls = 1});
    auto running = start("first");
    auto waiting = start("second");
    server->expects_request(1, "first", "");
    server->sends(raw::goaway(1) + raw::goaway(1));
    BOOST_TEST((failure_of(waiting).code == errc::shutting_down));
    auto late = start("third");
    BOOST_TEST((failure_of(late).code == errc::shutting_down));
    BOOST_TEST(!running.done());
    server->sends(raw::response(1, "done"));
    BOOST_TEST(reply_of(running) == "done");
    server->expects_nothing();
    server->leaves();
    BOOST_TEST((expect_closed().code == errc::shutting_down));
}

BOOST_AUTO_TEST_SUITE_END()
