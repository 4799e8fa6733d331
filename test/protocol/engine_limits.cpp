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

constexpr std::size_t soft = 4096;
constexpr std::size_t hard = 16384;

limits small_output() {
    return {.output_soft = soft, .output_soft_time = 10s, .output_hard = hard};
}

std::string_view head_of(const std::string& bytes, std::size_t size) {
    return std::string_view(bytes).substr(0, size);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_limits)

// A frame that was begun.

BOOST_AUTO_TEST_CASE(a_frame_that_is_not_complete_within_10_s_ends_the_connection) {
    engine_end server(role::server);
    server.open();
    server.hear(head_of(raw::ping("whole"), 15));
    server.wait(9999ms);
    BOOST_TEST(server.reason() == "none");
    server.wait(1ms);
    BOOST_TEST(server.says() == "ERROR 0 frame_timeout retry");
}

BOOST_AUTO_TEST_CASE(single_bytes_do_not_extend_the_time_of_a_frame) {
    engine_end server(role::server);
    server.open();
    const auto bytes = raw::ping("a slow one");
    for (std::size_t i = 0; i < 11; ++i) {
        server.hear(std::string_view(bytes).substr(i, 1));
        server.wait(1s);
    }
    BOOST_TEST(server.reason() == "frame_timeout");
}

BOOST_AUTO_TEST_CASE(a_large_frame_has_a_second_more_for_each_64_kib) {
    engine_end server(role::server);
    server.open();
    server.hear(head_of(raw::request(1, "echo", std::string(10 * 65536, 'x')), 100));
    server.wait(19'999ms);
    BOOST_TEST(server.reason() == "none");
    server.wait(1ms);
    BOOST_TEST(server.reason() == "frame_timeout");
}

BOOST_AUTO_TEST_CASE(a_skipped_frame_has_to_be_complete_in_time_too) {
    engine_end server(role::server, {.limits = {.max_message = 4096, .max_frame = 1024}});
    server.open();
    server.hear(head_of(raw::request(1, "", std::string(2000, 'x')), 500));
    BOOST_TEST(server.says() == "ERROR 1 message_too_large");
    server.wait(9999ms);
    BOOST_TEST(server.reason() == "none");
    server.wait(1ms);
    BOOST_TEST(server.reason() == "frame_timeout");
}

BOOST_AUTO_TEST_CASE(a_complete_frame_stops_the_wait_and_each_has_its_own_time) {
    engine_end server(role::server);
    server.open();
    const auto bytes = raw::ping("one");
    for (int i = 0; i < 3; ++i) {
        server.hear(head_of(bytes, 5));
        server.wait(9s);
        server.hear(std::string_view(bytes).substr(5));
    }
    server.wait(1min);
    BOOST_TEST(server.reason() == "none");
}

// Abuse.

BOOST_AUTO_TEST_CASE(the_1001st_error_at_once_is_abusive) {
    engine_end server(role::server);
    server.open();
    for (std::uint32_t i = 0; i < 1000; ++i) server.hear(raw::request(1 + 2 * i, "refuse"));
    BOOST_TEST(server.reason() == "none");
    server.forget();
    server.hear(raw::request(2001, "refuse"));
    BOOST_TEST(server.says() == "ERROR 2001 bad_request; ERROR 0 abusive");
}

BOOST_AUTO_TEST_CASE(only_refusals_of_this_end_for_the_callers_fault_count_as_abuse) {
    for (const auto& [code, is_fault] : {std::pair{errc::unknown_task, true},
                                         {errc::bad_request, true},
                                         {errc::not_allowed, true},
                                         {errc::overloaded, true},
                                         {errc::message_too_large, true},
                                         {errc::task_failed, false},
                                         {errc::shutting_down, false},
                                         {errc::cancelled, false},
                                         {errc::deadline_exceeded, false}}) {
        for (const auto origin : {failure_origin::this_end, failure_origin::task}) {
            engine_end server(role::server, {.limits = {.abuse_burst = 1, .abuse_per_second = 0}});
            server.open();
            failure why(code);
            why.origin = origin;
            for (int i = 0; i < 2; ++i) {
                server.hear(raw::request(1, "wait"));
                if (server.reason() == "none") (void)server.fail(1, why);
            }
            const bool counts = is_fault && origin == failure_origin::this_end;
            BOOST_TEST(server.reason() == (counts ? "abusive" : "none"), name_of(code) << " of " << name_of(origin));
        }
    }
}

BOOST_AUTO_TEST_CASE(cancels_count_as_abuse) {
    engine_end server(role::server);
    server.open();
    for (int i = 0; i < 1000; ++i) server.hear(raw::cancel(1));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::cancel(1));
    BOOST_TEST(server.reason() == "abusive");
}

BOOST_AUTO_TEST_CASE(each_second_allows_33_more) {
    engine_end server(role::server);
    server.open();
    for (int i = 0; i < 1000; ++i) server.hear(raw::cancel(1));
    server.wait(1s);
    for (int i = 0; i < 33; ++i) server.hear(raw::cancel(1));
    BOOST_TEST(server.reason() == "none");
    server.hear(raw::cancel(1));
    BOOST_TEST(server.reason() == "abusive");
}

BOOST_AUTO_TEST_CASE(a_cancel_at_about_the_deadline_is_no_abuse) {
    const limits given{.abuse_burst = 0, .abuse_per_second = 0};
    const auto request = [](std::uint32_t deadline) {
        return raw::bytes_of({frame_kind::request, 0, 1, raw::meta({.name = "wait", .deadline_ms = deadline}), {}});
    };
    engine_end within(role::server, {.limits = given});
    within.open();
    within.hear(request(1000) + raw::cancel(1));
    BOOST_TEST(within.reason() == "none");

    engine_end before(role::server, {.limits = given});
    before.open();
    before.hear(request(1001) + raw::cancel(1));
    BOOST_TEST(before.reason() == "abusive");

    engine_end behind(role::server, {.limits = given});
    behind.open();
    behind.hear(request(1000));
    behind.wait(1s);
    BOOST_TEST(behind.events() == "request 1 wait; request_cancelled 1 deadline_exceeded");
    behind.hear(raw::cancel(1));
    BOOST_TEST(behind.reason() == "none");
    behind.hear(raw::cancel(1));
    BOOST_TEST(behind.reason() == "abusive");
}

// Output that is not read.

BOOST_AUTO_TEST_CASE(a_server_takes_no_frames_while_much_output_waits_and_resumes) {
    engine_end server(role::server, {.limits = small_output()});
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", std::string(soft, 'x')) + raw::request(3, "echo", "later"));
    BOOST_TEST(server.events() == "request 1 echo <4096 bytes>");
    BOOST_TEST(server.engine.is_held_back());
    BOOST_TEST(server.engine.is_blocked());
    server.line_takes = 100'000;
    server.run();
    server.run();
    BOOST_TEST(!server.engine.is_held_back());
    BOOST_TEST(server.says() == "RESPONSE 1 <4096 bytes>; RESPONSE 3 \"later\"");
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_frame_is_not_waited_for_while_reading_is_held_back) {
    engine_end server(role::server, {.limits = {.write_timeout = 1min, .output_soft = soft, .output_soft_time = 1min}});
    server.open();
    server.line_takes = 0;
    const auto later = raw::request(3, "echo", "later");
    server.hear(raw::request(1, "echo", std::string(soft, 'x')) + later.substr(0, 5));
    server.wait(30s);
    BOOST_TEST(server.reason() == "none");
    server.line_takes = 100'000;
    server.run();
    server.run();
    server.wait(9999ms);
    server.hear(later.substr(5));
    BOOST_TEST(server.says() == "RESPONSE 1 <4096 bytes>; RESPONSE 3 \"later\"");
}

BOOST_AUTO_TEST_CASE(a_client_reads_on_however_much_output_waits) {
    engine_end client(role::client, {.limits = small_output()});
    client.open();
    client.line_takes = 0;
    (void)client.call("wait", std::string(soft, 'x'));
    (void)client.call("wait", std::string(soft, 'x'));
    client.hear(raw::response(1, "here"));
    BOOST_TEST(client.events() == "reply wait \"here\"");
}

BOOST_AUTO_TEST_CASE(a_client_that_cannot_write_is_not_filled_up_with_pongs) {
    engine_end client(role::client, {.limits = {.output_soft = soft, .abuse_burst = 10, .abuse_per_second = 0}});
    client.open();
    client.line_takes = 0;
    (void)client.call("wait", std::string(soft, 'x'));
    for (int i = 0; i < 10; ++i) client.hear(raw::ping());
    BOOST_TEST(client.reason() == "none");
    client.hear(raw::ping());
    BOOST_TEST(client.reason() == "abusive");
}

BOOST_AUTO_TEST_CASE(an_end_that_takes_no_byte_for_10_s_is_write_stalled) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", "x"));
    server.wait(9999ms);
    BOOST_TEST(server.reason() == "none");
    server.wait(1ms);
    BOOST_TEST(server.events() == "request 1 echo \"x\"; closed write_stalled");
    BOOST_TEST(server.says() == "");
}

BOOST_AUTO_TEST_CASE(a_byte_taken_in_time_postpones_write_stalled) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", "xxxxxxxx"));
    for (int i = 0; i < 3; ++i) {
        server.wait(9s);
        server.line_takes = 1;
        server.run();
    }
    BOOST_TEST(server.reason() == "none");
    server.wait(10s);
    BOOST_TEST(server.reason() == "write_stalled");
}

BOOST_AUTO_TEST_CASE(an_end_that_has_taken_everything_is_not_write_stalled) {
    engine_end server(role::server);
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", "x"));
    server.wait(5s);
    server.line_takes = 1000;
    server.run();
    server.wait(1min);
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_CASE(an_end_that_takes_less_than_output_soft_in_10_s_is_a_slow_consumer) {
    engine_end server(role::server, {.limits = small_output()});
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", std::string(3 * soft, 'x')));
    for (int i = 0; i < 10; ++i) {
        BOOST_TEST(server.reason() == "none");
        server.line_takes = 100;
        server.run();
        server.wait(1s);
    }
    BOOST_TEST(server.reason() == "slow_consumer");
    BOOST_TEST(server.engine.is_closed());
}

BOOST_AUTO_TEST_CASE(an_end_that_takes_output_soft_every_10_s_is_no_slow_consumer) {
    engine_end server(role::server, {.limits = {.write_timeout = 1min, .output_soft = soft}});
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", std::string(4 * soft, 'x')));
    for (int i = 0; i < 4; ++i) {
        server.wait(5s);
        server.line_takes = soft;
        server.run();
        server.wait(5s);
        BOOST_TEST(server.reason() == "none");
    }
}

BOOST_AUTO_TEST_CASE(finished_calls_keep_their_slots_while_the_output_is_full) {
    engine_end server(role::server, {.limits = {.max_calls = 2, .output_soft = 10 * hard, .output_hard = hard}});
    server.open();
    server.hear(raw::request(1, "wait") + raw::request(3, "wait"));
    server.line_takes = 0;
    server.forget();
    BOOST_TEST(!server.answer(1, std::string(hard, 'x')));
    server.hear(raw::request(5, "wait"));
    BOOST_TEST(server.events() == "request_refused 5 overloaded");
    server.line_takes = 100'000;
    server.run();
    BOOST_TEST(server.events() == "slots_freed");
    server.hear(raw::request(7, "wait"));
    BOOST_TEST(server.events() == "request 7 wait");
    BOOST_TEST(server.answer(7));
}

BOOST_AUTO_TEST_CASE(answers_on_a_closed_connection_keep_no_slots) {
    engine_end server(role::server, {.limits = small_output()});
    server.open();
    server.hear(raw::request(1, "wait"));
    server.line_takes = 0;
    server.engine.abort(failure(errc::connection_lost));
    BOOST_TEST(server.answer(1, std::string(2 * hard, 'x')));
    BOOST_TEST(server.engine.running() == 0U);
}

BOOST_AUTO_TEST_CASE(one_body_that_goes_out_in_pieces_holds_up_nobody) {
    engine_end server(role::server, {.limits = {.output_soft = 128 * 1024}});
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", std::string(1024 * 1024, 'x')));
    server.forget();
    engine_end small(role::server, {.limits = {.output_soft = 128 * 1024}});
    small.open({.name = "small", .max_frame = 65536});
    small.line_takes = 0;
    small.hear(raw::request(1, "echo", std::string(1024 * 1024, 'x')) + raw::request(3, "echo", "x"));
    BOOST_TEST(small.events() == "request 1 echo <1048576 bytes>; request 3 echo \"x\"");
    server.hear(raw::request(3, "echo", "x"));
    BOOST_TEST(server.events() == "");
}

BOOST_AUTO_TEST_CASE(whoever_takes_much_is_not_lost_for_a_ping_that_lies_behind_it) {
    engine_end server(role::server, {.limits = {.idle_timeout = 0ms, .output_soft_time = 1h}, .ping_interval = 30s});
    server.open();
    server.line_takes = 0;
    server.hear(raw::request(1, "echo", std::string(1000, 'x')));
    for (int i = 0; i < 30; ++i) {
        server.wait(9s);
        server.line_takes = 10;
        server.run();
    }
    BOOST_TEST(server.reason() == "none");
}

BOOST_AUTO_TEST_SUITE_END()
