// Bodies of many frames, and bodies beyond the limit.
#include "integration/service_fixture.hpp"
#include "support/sizes.hpp"
#include "wire/utf8.hpp"

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::string pattern(std::size_t size, unsigned seed = 1) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24);
    return bytes;
}

struct bodies_fixture : service_fixture {
    void serve() {
        make().on("echo", echo_task);
        service->on("slow_echo", [](task_context& call, std::string_view text) -> asio::awaitable<std::string> {
            co_await call.sleep_for(0ms);
            co_return std::string(text);
        });
        service->on("make", [](std::size_t size) { return std::string(size, 'm'); });
        service->on("fail", [](std::size_t size) -> result<void> {
            std::string text = "n";
            while (text.size() < size) text += "\xC3\xA9";  // é
            return failure(errc::application, std::move(text));
        });
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(large_bodies, bodies_fixture)

BOOST_AUTO_TEST_CASE(bodies_around_every_border_travel_both_ways) {
    settings.limits.max_frame = client_settings.limits.max_frame = 8 * kib;
    settings.limits.max_message = client_settings.limits.max_message = 300 * kib;
    serve();
    auto c = join();
    for (const std::size_t border : {kib, 8 * kib, 16 * kib, 64 * kib, 65 * kib, 128 * kib, 299 * kib}) {
        for (const std::size_t size : {border - 1, border, border + 1, border + kib}) {
            const auto body = pattern(size);
            BOOST_TEST((value_of(ask<std::string>(c, "echo", body)) == body), size);
            BOOST_TEST((value_of(ask<std::string>(c, "slow_echo", body)) == body), size);
        }
    }
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_largest_body_of_the_default_limits_travels_over_tcp) {
    serve();
    auto c = join_at(service->addresses().front());
    const auto body = pattern(16 * kib * kib);
    BOOST_TEST((value_of(ask<std::string>(c, "echo", body)) == body));
    leave(c);
}

BOOST_AUTO_TEST_CASE(more_large_bodies_at_once_than_may_be_unfinished_all_arrive) {
    settings.limits.max_frame = client_settings.limits.max_frame = 16 * kib;
    serve();
    auto c = join();
    std::vector<std::string> bodies;
    std::vector<spawned<result<std::string>>> calls;
    for (unsigned i = 0; i != 12; ++i) bodies.push_back(pattern(400 * kib + i, i));
    for (unsigned i = 0; i != 12; ++i)
        calls.push_back(begin<std::string>(c, i % 2 == 0 ? "echo" : "slow_echo", bodies[i]));
    settle();
    while (clock.alarms() != 0 && !calls.back().done()) {
        clock.advance(1ms);
        settle();
    }
    for (unsigned i = 0; i != 12; ++i) BOOST_TEST((value_of(run(calls[i])) == bodies[i]), i);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_small_call_does_not_wait_for_a_large_one_before_it) {
    serve();
    auto [ours, theirs] = testing::memory_pipe({.capacity = 32 * kib}, {.capacity = 32 * kib});
    service->attach(std::move(theirs));
    auto c = value_of(run([&] { return client::connect(std::move(ours), client_settings); }));
    auto large = begin<std::string>(c, "echo", pattern(8 * kib * kib));
    auto small = begin<std::string>(c, "echo", "small");
    BOOST_TEST(value_of(run(small)) == "small");
    BOOST_TEST(!large.done());
    BOOST_TEST(value_of(run(large)).size() == 8 * kib * kib);
    leave(c);
}

BOOST_AUTO_TEST_CASE(frames_keep_to_the_smaller_max_frame_of_the_receiver) {
    client_settings.limits.max_frame = client_settings.limits.max_message = kib;
    client_settings.limits.max_message = 64 * kib;
    serve();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "make", 64 * kib)) == std::string(64 * kib, 'm'));
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_error_s_text_keeps_to_the_receiver_s_max_frame) {
    client_settings.limits.max_frame = kib;
    serve();
    auto c = join();
    const auto failed = ask(c, "fail", 3 * kib);
    BOOST_TEST(outcome(failed) == "application");
    BOOST_TEST(failed.error().detail.size() == kib - 1);  // no character is cut
    BOOST_TEST(wire::is_utf8(failed.error().detail));
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    leave(c);
}

BOOST_AUTO_TEST_CASE(arguments_above_the_server_s_limit_are_not_sent) {
    settings.limits.max_frame = settings.limits.max_message = 64 * kib;
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask<std::string>(c, "echo", std::string(64 * kib, 'a'))) == "ok");
    const auto refused = ask<std::string>(c, "echo", std::string(64 * kib + 1, 'a'));
    BOOST_TEST(outcome(refused) == "message_too_large");
    BOOST_TEST(refused.error().detail.find("65536") != std::string::npos);
    BOOST_TEST(!refused.error().started);
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    BOOST_TEST(stats().calls == 2U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_reply_above_the_client_s_limit_fails_its_call_alone) {
    client_settings.limits.max_frame = client_settings.limits.max_message = 64 * kib;
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask<std::string>(c, "make", 64 * kib)) == "ok");
    const auto failed = ask<std::string>(c, "make", 64 * kib + 1);
    BOOST_TEST(outcome(failed) == "message_too_large");
    BOOST_TEST(failed.error().detail.find("65536") != std::string::npos);
    BOOST_TEST(failed.error().started);
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_too_large_is_answered_and_the_next_one_served) {
    settings.limits.max_frame = 8 * kib;
    settings.limits.max_message = 16 * kib;
    serve();
    auto peer = join_raw();
    peer.greets();
    // In one frame above max_frame, and in frames that together are above max_message.
    peer.sends(raw::request(1, "echo", std::string(8 * kib + 1, 'a')));
    BOOST_TEST(peer.expects_error(1, errc::message_too_large).find("8192") != std::string::npos);

    peer.sends(raw::request(3, "echo", std::string(8 * kib, 'a'), raw::more));
    for (int i = 0; i != 2; ++i) peer.sends(raw::piece(3, std::string(8 * kib, 'a'), raw::more));
    BOOST_TEST(peer.expects_error(3, errc::message_too_large).find("16384") != std::string::npos);
    peer.sends(raw::piece(3, "the end"));

    peer.sends(raw::request(5, "echo", "next"));
    peer.expects_reply(5, "next");
}

BOOST_AUTO_TEST_CASE(a_response_that_is_too_large_ends_its_call_and_the_next_one_is_answered) {
    client_settings.limits.max_frame = 8 * kib;
    client_settings.limits.max_message = 16 * kib;
    auto [c, raw] = join_raw_server();
    for (const bool split : {false, true}) {
        auto call = begin<std::string>(c, "any");
        const auto id = raw.expects_frame().id;
        if (split) {
            for (int i = 0; i != 3; ++i) raw.sends(raw::response(id, std::string(8 * kib, 'a'), raw::more));
            raw.sends(raw::response(id, "the end"));
        } else {
            raw.sends(raw::response(id, std::string(8 * kib + 1, 'a')));
        }
        BOOST_TEST(outcome(run(call)) == "message_too_large");
    }
    auto next = begin<std::string>(c, "any");
    raw.sends(raw::response(raw.expects_frame().id, "next"));
    BOOST_TEST(value_of(run(next)) == "next");
    raw.leaves();
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
