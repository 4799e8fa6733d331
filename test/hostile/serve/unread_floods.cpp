// Peers that send without end and read nothing.
#include "support/served_fixture.hpp"

#include <string>
#include <thread>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct unread_floods_fixture : served_fixture {
    /// From a thread of its own, until it is cut off.
    void flood(raw_peer& from, std::string bytes) {
        floods.emplace_back([&from, bytes = std::move(bytes)] { from.floods(bytes); });
    }
    void await_the_floods_end() {
        for (auto& one : floods) one.join();
        floods.clear();
    }
    void expect_all_cut_off() {
        for (auto& one : attackers) {
            BOOST_TEST(one.is_cut_off());
            one.leaves();
        }
    }
    ~unread_floods_fixture() { await_the_floods_end(); }

    std::vector<raw_peer> attackers;
    std::vector<std::thread> floods;
};

constexpr std::size_t mebibyte = 1024 * 1024;

std::string many_requests(std::string_view task, const std::string& body) {
    std::string all;
    for (std::uint32_t i = 0; i != 32; ++i) all += raw::request(2 * i + 1, task, body);
    return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unread_floods, unread_floods_fixture)

BOOST_AUTO_TEST_CASE(floods_before_the_hello_are_cut_off_at_once) {
    serve();
    const std::vector<std::string> floods_of{std::string(64 * 1024, 'G'), std::string(64 * 1024, '\0'),
                                             raw::ping(std::string(64, 'p')),
                                             many_requests("echo", std::string(1000, 'x'))};
    for (std::size_t round = 0; round != amount(20, 1000); ++round) {
        attackers = connect_all(floods_of.size());
        for (std::size_t i = 0; i != attackers.size(); ++i) attackers[i].floods(floods_of[i]);
        expect_all_cut_off();
    }
    expect_recovery();
}

BOOST_AUTO_TEST_CASE(floods_of_peers_that_read_nothing_are_held_up_and_then_cut_off) {
    serve();
    const auto before = resident();
    const std::string large(64 * 1024, 'x');
    const std::vector<std::string> floods_of{raw::ping(std::string(64, 'p')), many_requests("echo", large),
                                             many_requests("draw", "circle"), many_requests("$tasks", {}),
                                             many_requests("$stats", {})};
    const auto of_each = amount(2, 8);
    const auto count = of_each * floods_of.size();
    attackers = greet_all(count);
    while (attackers.size() != 2 * count) {  // these do not even read the server's HELLO
        attackers.push_back(connect());
        attackers.back().sends(raw::hello());
    }
    for (std::size_t i = 0; i != attackers.size(); ++i) flood(attackers[i], floods_of[i % floods_of.size()]);
    wait_until([](const figures& f) { return f.queued_bytes > mebibyte; });
    bird().sings(50);
    // Each may have a MiB of output and what the system has not taken of its input.
    if (!is_sanitized) BOOST_TEST(resident() < before + attackers.size() * 4 * mebibyte);
    await_the_floods_end();
    expect_all_cut_off();
    expect_recovery();
}

BOOST_AUTO_TEST_CASE(one_that_does_not_read_its_notifications_is_closed_and_their_sender_is_not) {
    serve();
    auto deaf = connect();
    deaf.greets();
    deaf.sends(raw::request(1, "$subscribe", R"(["news"])"));
    deaf.expects_reply(1, {});
    auto sender = connect();
    sender.greets();
    const auto news = raw::bytes_of(
        {.kind = raw::frame_kind::notify, .meta = raw::meta({.name = "news"}), .body = std::string(32 * 1024, 'n')});
    for (int rounds = 0; closed("slow_consumer") == 0; ++rounds) {
        BOOST_TEST_REQUIRE(rounds < 10'000);  // 10 GiB
        for (int i = 0; i != 32; ++i) sender.sends(news);
        sender.sends(raw::request(3, "echo", "still here"));
        sender.expects_reply(3, "still here");
    }
    BOOST_TEST(closed("slow_consumer") == 1U);
    deaf.leaves();
    sender.leaves();
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
