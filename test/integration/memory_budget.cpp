// What all clients of a server may hold in its memory together, and what happens when they want more.
#include "integration/service_fixture.hpp"
#include "support/sizes.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
namespace json = boost::json;

namespace {

constexpr std::size_t budget = 16 * mib;
constexpr std::size_t soft = budget / 4 * 3;

struct budget_fixture : service_fixture {
    budget_fixture() {
        settings.memory_budget = budget;
        settings.may_subscribe = [](const peer&, std::string_view) -> result<void> { return {}; };
        make().on("echo", echo_task);
        service->on("hold",
                    [](task_context& call, std::string) -> asio::awaitable<void> { co_await call.sleep_for(1h); });
        service->on("hold json",
                    [](task_context& call, json::value) -> asio::awaitable<void> { co_await call.sleep_for(1h); });
        service->on("hold view",
                    [](task_context& call, std::string_view) -> asio::awaitable<void> { co_await call.sleep_for(1h); });
        service->on("unread", [](task_context& call, source<std::string>&) -> asio::awaitable<void> {
            co_await call.sleep_for(1h);
        });
        service->on_notify(
            "slow", [](task_context& call, std::string) -> asio::awaitable<void> { co_await call.sleep_for(1h); });
        start();
    }

    [[nodiscard]] std::size_t held() {
        settle();
        return stats().memory;
    }
    /// A client whose REQUEST is not complete: `bytes` of its body have come.
    raw_peer join_with_unfinished_body(std::size_t bytes) {
        auto peer = join_raw();
        (void)peer.greets();
        peer.sends(raw::request(1, "echo", {}, wire::flag_more));
        send_pieces(peer, bytes);
        return peer;
    }
    void send_pieces(raw_peer& peer, std::size_t bytes) {
        const std::string chunk(32 * kib, 'x');
        for (std::size_t sent = 0; sent < bytes; sent += chunk.size()) {
            peer.sends(raw::piece(1, chunk, wire::flag_more));
            settle();
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_budget, budget_fixture)

BOOST_AUTO_TEST_CASE(an_unfinished_body_counts_until_its_connection_ends) {
    auto peer = join_with_unfinished_body(3 * mib);
    BOOST_TEST(held() >= 3 * mib);
    BOOST_TEST(held() < 6 * mib);
    peer.leaves();
    BOOST_TEST(held() == 0U);
}

BOOST_AUTO_TEST_CASE(whoever_holds_most_is_closed_when_all_hold_too_much) {
    auto modest = join_with_unfinished_body(4 * mib);
    auto greedy = join_with_unfinished_body(9 * mib);
    auto guest = join();
    send_pieces(greedy, 3 * mib);
    BOOST_TEST(greedy.expects_the_end_at_last_because(errc::memory_exceeded).find("holds most of it") !=
               std::string::npos);
    BOOST_TEST(held() < 8 * mib);
    modest.sends(raw::piece(1, "end"));
    settle();
    BOOST_TEST(!modest.has_ended());
    BOOST_TEST(outcome(ask<std::string>(guest, "echo", "on")) == "ok");
    modest.leaves();
    leave(guest);
}

BOOST_AUTO_TEST_CASE(above_the_soft_share_new_calls_are_overloaded) {
    auto guest = join();
    auto greedy = join_with_unfinished_body(soft);
    BOOST_TEST_REQUIRE(held() > soft);
    const auto refused = ask<std::string>(guest, "echo", "now");
    BOOST_TEST_REQUIRE(outcome(refused) == "overloaded");
    BOOST_TEST(refused.error().detail.find("memory") != std::string::npos);
    greedy.leaves();
    settle();
    BOOST_TEST(outcome(ask<std::string>(guest, "echo", "again")) == "ok");
    leave(guest);
}

BOOST_AUTO_TEST_CASE(above_the_soft_share_no_large_body_is_begun) {
    auto greedy = join_with_unfinished_body(soft);
    const auto before = held();
    auto other = join_raw();
    (void)other.greets();
    other.sends(raw::request(1, "echo", std::string(30 * kib, 'x'), wire::flag_more));
    BOOST_TEST(other.expects_error(1, errc::overloaded).find("memory") != std::string::npos);
    BOOST_TEST(held() == before);
    other.leaves();
    greedy.leaves();
}

BOOST_AUTO_TEST_CASE(a_large_argument_is_held_once) {
    auto guest = join();
    auto call = begin<void>(guest, "hold", std::string(4 * mib, 'x'));
    BOOST_TEST(held() >= 4 * mib);
    BOOST_TEST(held() < 5 * mib);
    call.cancel();
    BOOST_TEST(held() == 0U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(a_json_argument_counts_as_what_it_may_come_to) {
    auto guest = join();
    std::string digits = "[0";
    while (digits.size() < 60 * kib) digits += ",0";
    auto call = begin<void>(guest, "hold json", json::parse(digits + "]"));
    BOOST_TEST(held() >= 60 * kib * 20);
    call.cancel();
    BOOST_TEST(held() == 0U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(json_counts_so_whatever_type_it_claims_to_be_of) {
    auto peer = join_raw();
    (void)peer.greets();
    peer.sends(raw::request(1, "hold json", "[" + std::string(30 * kib, ' ') + "0]"));
    BOOST_TEST(held() >= 30 * kib * 20);
    peer.leaves();
}

BOOST_AUTO_TEST_CASE(a_client_hears_that_it_held_most) {
    auto greedy = join();
    auto first = begin<void>(greedy, "hold", std::string(11 * mib, 'x'));
    BOOST_TEST_REQUIRE(!first.done());
    auto second = begin<void>(greedy, "hold", std::string(7 * mib, 'x'));
    const auto why = run(std::move(first));
    BOOST_TEST(outcome(why) == "memory_exceeded");
    BOOST_TEST(outcome(run(std::move(second))) == "memory_exceeded");
    BOOST_TEST((is_connection_error(why.error()) && is_retryable(why.error().code)));
    BOOST_TEST(held() == 0U);
}

BOOST_AUTO_TEST_CASE(a_closed_connection_on_which_a_call_runs_on_keeps_nothing_of_its_traffic) {
    auto peer = join_with_unfinished_body(3 * mib);
    const auto meta = raw::meta({.name = "hold", .idempotency_key = "once"});
    peer.sends(raw::bytes_of({raw::frame_kind::request, 0, 3, meta, "small"}));
    BOOST_TEST(held() >= 3 * mib);
    peer.leaves();
    BOOST_TEST(held() < 100 * kib);
    BOOST_TEST(stats().running_calls == 1U);
}

BOOST_AUTO_TEST_CASE(notifications_that_wait_for_their_handler_count) {
    auto peer = join_raw();
    (void)peer.greets();
    const auto news =
        raw::bytes_of({raw::frame_kind::notify, 0, 0, raw::meta({.name = "slow"}), std::string(10'000, 'n')});
    for (int i = 0; i != 20; ++i) peer.sends(news);
    BOOST_TEST(held() >= 190'000U);
    peer.leaves();
    BOOST_TEST(held() == 0U);
}

BOOST_AUTO_TEST_CASE(notifications_that_wait_for_credit_count_once_for_all) {
    std::vector<raw_peer> peers;
    for (int i = 0; i != 3; ++i) {
        peers.push_back(join_raw());
        (void)peers.back().greets({.name = "gives no credit", .notify_credit = 1'024});
        peers.back().sends(raw::request(1, "$subscribe", R"(["news"])"));
        peers.back().expects_reply(1, "");
    }
    for (int i = 0; i != 50; ++i) service->publish("news", std::string(10'000, 'n'));
    BOOST_TEST(held() > 3 * 48 * 100U);
    BOOST_TEST(held() < 3 * 48 * 1'000U);
    for (auto& each : peers) each.leaves();
    BOOST_TEST(held() == 0U);
}

BOOST_AUTO_TEST_CASE(a_block_that_running_calls_look_at_counts_once) {
    auto peer = join_raw();
    (void)peer.greets();
    std::string calls;
    for (std::uint32_t id = 1; id != 21; id += 2) calls += raw::request(id, "hold view", "x");
    peer.sends(calls);
    BOOST_TEST(held() >= 64 * kib);
    BOOST_TEST(held() < 128 * kib);
    for (std::uint32_t id = 1; id != 21; id += 2) peer.sends(raw::cancel(id));
    BOOST_TEST(held() == 0U);
    peer.leaves();
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_not_complete_counts_as_its_block) {
    auto peer = join_raw();
    (void)peer.greets();
    const auto frame = raw::request(1, "echo", "hello");
    peer.sends(frame.substr(0, 10));
    BOOST_TEST(held() >= 64 * kib);
    peer.sends(frame.substr(10));
    BOOST_TEST(held() == 0U);
    peer.leaves();
}

BOOST_AUTO_TEST_CASE(unread_items_count_as_what_they_take) {
    auto peer = join_raw();
    (void)peer.greets();
    peer.sends(raw::stream_request(1, "unread", 1));
    settle();
    const auto before = held();
    constexpr std::size_t items = 10'000;
    for (std::size_t i = 0; i != items; ++i) peer.sends(raw::item(1, ""));
    const auto cost = items * wire::header_size;
    BOOST_TEST(held() - before > cost / 2);
    BOOST_TEST(held() - before < cost * 5 / 4);
    peer.sends(raw::cancel(1));
    BOOST_TEST(held() == 0U);
    peer.leaves();
}

BOOST_AUTO_TEST_CASE(output_that_nobody_reads_counts) {
    auto peer = join_raw({}, {});
    (void)peer.greets();
    peer.reads_only(0);
    for (std::uint32_t id = 1; id != 101; id += 2) peer.sends(raw::request(id, "echo", std::string(16 * kib, 'x')));
    BOOST_TEST(held() > 64 * kib);
    peer.reads_again();
    for (std::uint32_t id = 1; id != 101; id += 2) peer.expects_reply(id, std::string(16 * kib, 'x'));
    BOOST_TEST(held() == 0U);
    peer.leaves();
}

BOOST_AUTO_TEST_CASE(stats_tell_what_is_held) {
    auto peer = join_with_unfinished_body(2 * mib);
    auto guest = join();
    const auto figures = value_of(ask<json::value>(guest, "$stats"));
    BOOST_TEST(figures.at("memory").to_number<std::size_t>() >= 2 * mib);
    peer.leaves();
    leave(guest);
}

BOOST_AUTO_TEST_SUITE_END()
