// What the fuzzers of test/fuzz found, one case each.
#include "protocol/engine.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace echosocket;
using namespace echosocket::protocol;
using std::chrono::milliseconds;

namespace {

constexpr time_point start{std::chrono::hours(1)};

std::string hello_of(const wire::hello& h) {
    std::string bytes;
    wire::append_hello(bytes, h);
    return bytes;
}

/// One engine, and what its other end says to it by hand.
struct one_end {
    explicit one_end(protocol::role role, const limits& given = {})
        : settings{.role = role, .limits = given, .hello = hello_of({.name = "this end"})},
          engine(settings, start, milliseconds(0)) {
        engine.begin(start);
    }

    /// The events that this comes to; a HELLO is accepted unless told otherwise.
    std::vector<event::kind> hear(std::string_view bytes, bool accepts = true) {
        heard += bytes;
        engine.receive(heard, engine.now());
        std::vector<event::kind> all;
        for (event e; engine.next(e);) {
            all.push_back(e.what);
            if (e.what == event::kind::call_failed) last_failure = *e.why;
            if (e.what == event::kind::opened && accepts) engine.accept();
        }
        heard.erase(0, heard.size() - engine.unread());
        engine.input_moved(heard);
        return all;
    }
    /// All that this end has to say, and the kinds of the frames.
    std::vector<wire::frame_kind> say() {
        std::string bytes;
        while (engine.has_output()) {
            std::array<std::string_view, 64> pieces;
            std::size_t size = 0;
            for (std::size_t i = 0, count = engine.gather(pieces); i < count; ++i) {
                bytes += pieces[i];
                size += pieces[i].size();
            }
            engine.wrote(size);
        }
        said = std::move(bytes);
        std::vector<wire::frame_kind> kinds;
        for (std::string_view left = said; !left.empty();) {
            const auto head = wire::parse_frame(left, {.max_frame = 1 << 24, .max_skip = 1 << 24});
            BOOST_REQUIRE(head.status == wire::parse_status::complete);
            kinds.push_back(head.frame.kind);
            left.remove_prefix(head.size);
        }
        return kinds;
    }

    engine_settings settings;
    protocol::engine engine;
    std::string heard;
    std::string said;
    failure last_failure;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_found_by_fuzzing)

BOOST_AUTO_TEST_CASE(the_name_in_a_hello_outlives_its_acceptance) {
    one_end server(role::server);
    const std::string name(100, 'n');
    const auto bytes = hello_of({.name = name});
    server.engine.receive(bytes, start);
    event e;
    BOOST_REQUIRE(server.engine.next(e));
    BOOST_REQUIRE(e.what == event::kind::opened);
    server.engine.accept();
    BOOST_TEST(e.name == name);
    BOOST_TEST(!server.engine.next(e));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_dismissed_before_its_hello_says_only_why) {
    one_end server(role::server);
    server.engine.notify(*make_notification("news", {"early"}, {}, {}, {}));
    server.engine.dismiss(failure(errc::refused, "not today"));
    BOOST_TEST((server.say() == std::vector{wire::frame_kind::error}));
}

BOOST_AUTO_TEST_CASE(a_call_made_while_a_hello_is_judged_waits_for_the_own_one) {
    one_end server(role::server);
    server.hear(hello_of({.name = "client"}), false);
    const auto call = std::make_shared<outbound_call>(outbound_call{.task = "ask", .body = {"x"}});
    BOOST_TEST(!server.engine.begin_call(call));
    BOOST_TEST(server.say().empty());
    server.engine.accept();
    BOOST_TEST((server.say() == std::vector{wire::frame_kind::hello, wire::frame_kind::request}));
}

BOOST_AUTO_TEST_CASE(a_call_that_waited_for_the_hello_is_held_to_its_limits) {
    one_end server(role::server);
    const auto call = std::make_shared<outbound_call>(outbound_call{.task = "ask", .body = {std::string(5000, 'x')}});
    protocol::stream items(true, wire::stream_from_caller, 4096);
    const auto with_items = std::make_shared<outbound_call>(
        outbound_call{.task = "upload", .body = {std::string(1500, 'x')}, .stream = &items});
    BOOST_TEST(!server.engine.begin_call(call));
    BOOST_TEST(!server.engine.begin_call(with_items));
    const auto told = server.hear(hello_of({.name = "client", .max_frame = 1024, .max_message = 2048}));
    BOOST_TEST(std::ranges::count(told, event::kind::call_failed) == 2);
    BOOST_TEST((server.last_failure.code == errc::message_too_large));
    BOOST_TEST(call->ended);
    BOOST_TEST(with_items->ended);
    BOOST_TEST((server.say() == std::vector{wire::frame_kind::hello}));
}

BOOST_AUTO_TEST_CASE(a_notification_that_waited_for_the_hello_is_held_to_its_limits) {
    one_end server(role::server);
    server.engine.notify(*make_notification("news", {std::string(5000, 'x')}, {}, {}, {}));
    server.engine.notify(*make_notification("news", {"small"}, {}, {}, {}));
    const auto told = server.hear(hello_of({.name = "client", .max_frame = 1024, .max_message = 2048}));
    BOOST_TEST(std::ranges::count(told, event::kind::warning) == 1);
    BOOST_TEST(server.engine.counts().dropped == 1U);
    BOOST_TEST((server.say() == std::vector{wire::frame_kind::hello, wire::frame_kind::notify}));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_know_the_limits_yet_is_not_cut_off) {
    limits small;
    small.max_frame = small.max_message = 1024;
    one_end server(role::server, small);
    server.hear(hello_of({.name = "client"}));
    std::string request;
    wire::append_frame(request, {.kind = wire::frame_kind::request,
                                 .id = 1,
                                 .meta = std::string_view("\x01\x01\x00t", 4),
                                 .body = std::string(wire::frame_before_hello, 'x')});
    BOOST_TEST((server.hear(request) == std::vector{event::kind::request_refused}));
    BOOST_TEST((server.say() == std::vector{wire::frame_kind::hello, wire::frame_kind::error}));
    BOOST_TEST(!server.engine.is_over());
}

BOOST_AUTO_TEST_CASE(the_end_that_a_slow_body_brings_is_told_at_once) {
    one_end server(role::server);
    std::string begun;
    wire::append_frame(begun, {.kind = wire::frame_kind::notify, .flags = wire::flag_more, .id = 1, .body = "x"});
    server.hear(hello_of({.name = "client"}) + begun);
    server.engine.handle_timeout(start + std::chrono::minutes(1));
    event e;
    BOOST_REQUIRE(server.engine.next(e));
    BOOST_TEST((e.what == event::kind::closed));
    BOOST_TEST((server.engine.cause().code == errc::frame_timeout));
}

BOOST_AUTO_TEST_CASE(a_body_that_runs_out_of_time_behind_the_end_is_told_of_no_more) {
    one_end server(role::server);
    wire::meta about{.name = "task", .deadline_ms = 100};
    std::string meta(wire::meta_size(about), '\0');
    wire::write_meta(meta.data(), about);
    std::string begun;
    wire::append_frame(begun, {.kind = wire::frame_kind::request, .flags = wire::flag_more, .id = 1, .meta = meta});
    server.hear(hello_of({.name = "client"}) + begun);
    server.engine.advance(start + milliseconds(200));
    server.engine.fail(failure(errc::refused, "enough"));
    const auto told = server.hear({});
    BOOST_TEST((told == std::vector{event::kind::closed}));
}

BOOST_AUTO_TEST_SUITE_END()
