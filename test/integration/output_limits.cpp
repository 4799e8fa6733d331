// Peers that ask for more than they read.
#include "integration/service_fixture.hpp"
#include "support/sizes.hpp"

#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct output_limits_fixture : service_fixture {
    output_limits_fixture() {
        settings.limits.output_soft = 64 * kib;
        settings.limits.output_hard = 256 * kib;
        settings.limits.max_message = settings.limits.max_frame = 8 * kib * kib;
        settings.limits.ping_interval = 0s;
    }

    void serve() {
        make().on("make", [](std::size_t size) { return std::string(size, 'm'); });
        service->on("make_at", [](task_context& call, int time, std::size_t size) -> asio::awaitable<std::string> {
            co_await call.sleep_for(std::chrono::milliseconds(time));
            co_return std::string(size, 'm');
        });
        service->on("echo", echo_task);
        service->on("sleep", sleep_task);
        start();
    }
    /// A peer with at most 4 KiB in flight.
    raw_peer join_slow() {
        auto raw = join_raw({.capacity = 4 * kib});
        raw.greets();
        raw.reads_only(0);
        return raw;
    }
    void pass(duration time) {
        clock.advance(time);
        settle();
    }
    std::uint64_t closed_for(const std::string& reason) { return stats().closed[reason]; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output_limits, output_limits_fixture)

BOOST_AUTO_TEST_CASE(no_more_requests_are_taken_while_too_much_is_queued) {
    serve();
    auto raw = join_slow();
    for (std::uint32_t id = 1; id != 201; id += 2) raw.sends(raw::request(id, "make", "10240"));
    // 4 KiB are in flight; the seventh reply is the first one above the soft limit.
    BOOST_TEST(stats().calls == 7U);
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "others notice nothing")) == "others notice nothing");
    leave(c);
    raw.reads_again();
    for (std::uint32_t id = 1; id != 201; id += 2) raw.expects_reply(id, std::string(10 * kib, 'm'));
    BOOST_TEST(stats().failed == 0U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_no_byte_for_the_write_timeout_is_closed_on) {
    serve();
    auto raw = join_slow();
    raw.sends(raw::request(1, "sleep", "3600000"));
    raw.sends(raw::request(3, "make", "20000"));
    pass(9s);
    BOOST_TEST(stats().connections == 1U);
    raw.reads_only(1);  // one byte, and the time starts again
    pass(9s);
    BOOST_TEST((stats().connections == 1U && stats().running_calls == 1U));
    pass(1s);
    BOOST_TEST((stats().connections == 0U && stats().running_calls == 0U));
    BOOST_TEST(closed_for("write_stalled") == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_too_slowly_for_what_it_asked_for_is_a_slow_consumer) {
    settings.limits.output_soft_time = 5s;
    serve();
    auto raw = join_slow();
    raw.sends(raw::request(1, "make", "200000"));
    for (int second = 0; second != 5; ++second) {
        BOOST_TEST(stats().connections == 1U);
        raw.reads_only(4 * kib);
        pass(1s);
    }
    BOOST_TEST(stats().connections == 0U);
    BOOST_TEST(closed_for("slow_consumer") == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_slowly_but_steadily_is_served_to_the_end) {
    settings.limits.output_soft_time = 5s;
    settings.limits.ping_interval = 10s;
    serve();
    auto raw = join_slow();
    const std::size_t size = 3 * kib * kib;
    raw.sends(raw::request(1, "make", std::to_string(size)) + raw::request(3, "echo", "next"));
    // 16 KiB each second: more than output_soft in output_soft_time, for more than three minutes.
    for (int second = 0; second != 200; ++second) {
        for (int i = 0; i != 4; ++i) {
            raw.reads_only(4 * kib);
        }
        pass(1s);
    }
    raw.reads_again();
    // The next request does not wait for the whole large body.
    std::size_t came = 0;
    bool was_served = false;
    while (came != size || !was_served) {
        const auto frame = raw.expects_frame();
        if (frame.kind == wire::frame_kind::response && frame.id == 1) came += frame.body.size();
        if (frame.id == 3) was_served = frame.body == "next";
    }
    BOOST_TEST(came == size);
}

BOOST_AUTO_TEST_CASE(finished_calls_keep_their_slot_while_far_too_much_is_queued) {
    serve();
    auto raw = join_slow();
    for (std::uint32_t id = 1; id != 17; id += 2) raw.sends(raw::request(id, "make_at", "[100, 60000]"));
    BOOST_TEST(stats().running_calls == 8U);
    pass(100ms);
    // Four stay below the hard limit; the fifth is above it, and so are those behind.
    BOOST_TEST(stats().running_calls == 4U);
    raw.reads_again();
    for (std::uint32_t id = 1; id != 17; id += 2) raw.expects_reply(id, std::string(60'000, 'm'));
    BOOST_TEST(stats().running_calls == 0U);
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_with_far_too_much_queued_lets_its_calls_end) {
    serve();
    auto raw = join_slow();
    for (std::uint32_t id = 1; id != 17; id += 2) raw.sends(raw::request(id, "make_at", "[100, 60000]"));
    raw.sends(raw::request(17, "sleep", "3600000"));
    raw.sends(raw::request(19, "make_at", "[3600000, 1]"));
    pass(100ms);
    BOOST_TEST(stats().running_calls == 6U);
    pass(10s);
    BOOST_TEST((stats().connections == 0U && stats().running_calls == 0U));
    BOOST_TEST(closed_for("write_stalled") + closed_for("slow_consumer") == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_leaves_with_its_replies_unread_lets_its_calls_end) {
    serve();
    auto raw = join_slow();
    for (std::uint32_t id = 1; id != 17; id += 2) raw.sends(raw::request(id, "make_at", "[100, 60000]"));
    raw.sends(raw::request(17, "sleep", "3600000"));
    pass(100ms);
    raw.leaves();
    pass(1s);
    BOOST_TEST((stats().connections == 0U && stats().running_calls == 0U));
}

BOOST_AUTO_TEST_CASE(a_drain_does_not_wait_for_a_peer_that_does_not_read) {
    serve();
    auto raw = join_slow();
    for (std::uint32_t id = 1; id != 17; id += 2) raw.sends(raw::request(id, "make_at", "[100, 60000]"));
    pass(100ms);
    const auto report = stop();
    BOOST_TEST((report.connections == 1U && report.took <= 12s));
}

BOOST_AUTO_TEST_SUITE_END()
