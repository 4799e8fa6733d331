// A call of 64 MiB and other traffic on the same connection: it waits for one frame, not for the rest of the call.
#include "integration/service_fixture.hpp"
#include "support/sizes.hpp"

#include <string>
#include <string_view>
#include <utility>

using namespace echosocket;
using namespace echosocket::test;
using wire::frame_kind;

namespace {

constexpr std::size_t large = 64 * mib;
constexpr std::size_t piece = 64 * kib;
constexpr std::size_t line = 16 * kib;  ///< Bytes in flight on the connection at most.

struct line_fixture : service_fixture {
    line_fixture() {
        for (auto* limits : {&settings.limits, &client_settings.limits}) limits->max_message = 65 * mib;
        client_settings.call_timeout = 0ms;
        make().on("size", [](std::string_view text) { return text.size(); });
        service->on("make", [](std::size_t size) { return std::string(size, 'm'); });
        service->on("echo", echo_task);
        service->on("sleep", sleep_task);
        service->on("count", [](sink<int>& out, int up_to) -> asio::awaitable<void> {
            for (int i = 0; i != up_to; ++i) {
                auto sent = co_await out.send(i);
                if (!sent) co_return;
            }
        });
        start();
    }

    client join_narrow() {
        auto [ours, theirs] = testing::memory_pipe({.capacity = line}, {.capacity = line});
        service->attach(std::move(theirs));
        return value_of(run([&] { return client::connect(std::move(ours), client_settings); }));
    }
    /// A client played by the test that has asked for a large result and read the beginning of it.
    raw_peer join_downloading() {
        auto raw = join_raw({.capacity = line}, {.capacity = line});
        raw.greets({.name = "raw", .max_message = 65 * mib});
        raw.sends(raw::request(1, "make", std::to_string(large)));
        for (int i = 0; i != 3; ++i) expect_piece(raw);
        return raw;
    }
    static void expect_piece(raw_peer& raw) {
        const auto frame = raw.expects_frame();
        BOOST_TEST((frame.kind == frame_kind::response && frame.id == 1U));
        BOOST_TEST(frame.body.size() == piece);
    }
    /// The next frame of another kind or call, and the bytes of the large result before it.
    static std::pair<raw::frame, std::size_t> next_other_frame(raw_peer& raw) {
        std::size_t before = 0;
        for (;;) {
            auto frame = raw.expects_frame();
            if (frame.kind != frame_kind::response || frame.id != 1) return {std::move(frame), before};
            before += frame.body.size();
        }
    }
};

// Bytes that had left the outbox before the other frame was queued, and the one piece that had begun.
constexpr std::size_t at_most_a_frame = piece + line;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(large_messages_share_the_line, line_fixture)

BOOST_AUTO_TEST_CASE(a_ping_during_a_large_result_waits_for_one_frame) {
    auto raw = join_downloading();
    for (int i = 0; i != 1200; ++i) {  // more than a peer may cause
        raw.sends(raw::ping("now"));
        const auto [pong, before] = next_other_frame(raw);
        BOOST_TEST_REQUIRE((pong.kind == frame_kind::pong && pong.body == "now"));
        BOOST_TEST_REQUIRE(before <= at_most_a_frame);
    }
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_small_call_during_a_large_result_waits_for_one_frame) {
    auto raw = join_downloading();
    raw.sends(raw::request(3, "echo", "small"));
    const auto [reply, before] = next_other_frame(raw);
    BOOST_TEST((reply.kind == frame_kind::response && reply.id == 3U && reply.body == "small"));
    BOOST_TEST(before <= at_most_a_frame);
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_stream_flows_during_a_large_result) {
    auto raw = join_downloading();
    raw.sends(raw::stream_request(3, "count", wire::stream_to_caller, "100"));
    for (int i = 0; i != 100; ++i) {
        const auto [item, before] = next_other_frame(raw);
        BOOST_TEST_REQUIRE((item.kind == frame_kind::item && item.body == std::to_string(i)));
        BOOST_TEST_REQUIRE(before <= at_most_a_frame);
    }
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(calls_that_end_during_a_large_result_give_up_their_places) {
    auto raw = join_downloading();
    raw.sends(raw::request(3, "sleep", "0"));
    const auto [reply, before] = next_other_frame(raw);
    BOOST_TEST((reply.kind == frame_kind::response && reply.id == 3U && reply.body == "0"));
    BOOST_TEST(stats().running_calls == 0U);
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_small_call_during_a_large_request_waits_for_one_frame) {
    auto c = join_narrow();
    auto upload = begin<std::size_t>(c, "size", std::string(large, 'u'));
    const auto sent = [&] { return c.peer().info().bytes_out; };
    run_until([&] { return sent() > 4 * piece; });
    for (int i = 0; i != 20; ++i) {
        const auto before = sent();
        BOOST_TEST(value_of(ask<std::string>(c, "echo", "small")) == "small");
        BOOST_TEST(sent() - before <= 3 * at_most_a_frame);  // there and back: the connection is never idle meanwhile
    }
    BOOST_TEST(!upload.done());
    BOOST_TEST(value_of(run(upload)) == large);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_small_call_beside_a_large_result_is_answered_long_before_it) {
    auto c = join_narrow();
    auto download = begin<std::string>(c, "make", large);
    const auto got = [&] { return c.peer().info().bytes_in; };
    run_until([&] { return got() > 4 * piece; });
    for (int i = 0; i != 20; ++i) {
        const auto before = got();
        BOOST_TEST(value_of(ask<std::string>(c, "echo", "small")) == "small");
        BOOST_TEST(got() - before <= 3 * at_most_a_frame);
    }
    BOOST_TEST(!download.done());
    BOOST_TEST(value_of(run(download)).size() == large);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
