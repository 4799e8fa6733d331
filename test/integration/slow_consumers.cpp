// Peers that do not read their notifications.
#include "integration/service_fixture.hpp"
#include "support/allocation_count.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct slow_consumers_fixture : service_fixture {
    std::vector<std::string> logged;
    std::vector<peer> peers;

    slow_consumers_fixture() {
        settings.log = [this](log_level level, std::string_view text) {
            if (level >= log_level::warning) logged.emplace_back(text);
        };
        // Longer than any of these tests, which are about other limits.
        settings.limits.write_timeout = settings.limits.output_soft_time = 1h;
    }
    void serve() {
        service->on_connect([this](const peer& who) -> result<void> {
            peers.push_back(who);
            return service->group("room").join(who);
        });
        service->on("echo", echo_task);
        start();
    }
    void serve(overflow policy, std::size_t max_frames) {
        settings.notifications = {.policy = policy, .max_bytes = 1024 * 1024, .max_frames = max_frames};
        make();
        serve();
    }
    /// A peer that has sent its HELLO and reads nothing more.
    raw_peer join_deaf() {
        auto deaf = join_raw({.capacity = 2048});
        deaf.greets();
        deaf.reads_only(0);
        return deaf;
    }
    /// Sends numbered notifications of 1 KB to all.
    void tell(int count, std::string_view topic = "n", std::string key = {}) {
        notify_options options;
        options.key = std::move(key);
        for (int i = 0; i != count; ++i) {
            service->group("room").notify(options, topic, std::to_string(told_++) + std::string(1000, ' '));
            settle();
        }
    }
    /// The numbers that have come, until no more come.
    std::vector<int> numbers(raw_peer& of) {
        std::vector<int> all;
        of.reads_again();
        while (of.unread() != 0) all.push_back(std::stoi(of.expects_frame().body));
        settle();
        return all;
    }
    ~slow_consumers_fixture() {
        peers.clear();
        finish();
    }

private:
    int told_ = 0;
};

std::vector<int> range(int begin, int end) {
    std::vector<int> all;
    for (int i = begin; i != end; ++i) all.push_back(i);
    return all;
}

/// The length of the prefix without a gap.
int prefix_of(const std::vector<int>& numbers) {
    int length = 0;
    for (; length != static_cast<int>(numbers.size()) && numbers[static_cast<std::size_t>(length)] == length;
         ++length) {
    }
    return length;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(slow_consumers, slow_consumers_fixture)

BOOST_AUTO_TEST_CASE(by_default_a_slow_one_is_closed_and_nobody_else_notices) {
    serve(overflow::close, 20);
    std::vector<int> heard;
    client_settings.handlers.on_notify("n",
                                       [&](std::string_view text) { heard.push_back(std::stoi(std::string(text))); });
    auto fast = join();
    auto deaf = join_deaf();
    tell(200);
    BOOST_TEST(heard == range(0, 200), boost::test_tools::per_element());
    BOOST_TEST(fast.connected());
    BOOST_TEST(!peers[1].connected());
    BOOST_TEST(stats().closed.at("slow_consumer") == 1U);
    BOOST_TEST(service->group("room").size() == 1U);
    BOOST_TEST(stats().dropped == 0U);
    leave(fast);
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_slow_one_is_counted_until_it_has_been_read) {
    serve(overflow::close, 100);
    auto deaf = join_deaf();
    auto other = join_deaf();
    BOOST_TEST(stats().queued_bytes == 0U);
    tell(100);
    const auto of_one = peers[0].info().queued_bytes;
    BOOST_TEST(of_one > 90U * 1000U, "what is queued by the topic's rules counts too");
    BOOST_TEST(stats().queued_bytes == of_one + peers[1].info().queued_bytes);
    BOOST_TEST(numbers(deaf).size() == 100U);
    BOOST_TEST(peers[0].info().queued_bytes == 0U);
    other.leaves();
    settle();
    BOOST_TEST(stats().queued_bytes == 0U, "nothing waits for one that has gone");
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(the_oldest_give_way) {
    serve(overflow::drop_oldest, 10);
    auto deaf = join_deaf();
    tell(200);
    const auto came = numbers(deaf);
    const auto sent_at_once = prefix_of(came);
    BOOST_TEST(sent_at_once >= 60);
    BOOST_REQUIRE(came.size() == static_cast<std::size_t>(sent_at_once) + 10);
    BOOST_TEST(std::vector<int>(came.end() - 10, came.end()) == range(190, 200), boost::test_tools::per_element());

    const auto dropped = 200U - came.size();
    BOOST_TEST(peers[0].info().dropped == dropped);
    BOOST_TEST(stats().dropped == dropped);
    BOOST_REQUIRE(logged.size() == 2U);
    BOOST_TEST(logged[0].find("too slowly") != std::string::npos);
    BOOST_TEST(logged[1].find(std::to_string(dropped) + " notifications gave way") != std::string::npos);
    tell(3);
    BOOST_TEST(numbers(deaf) == range(200, 203), boost::test_tools::per_element());
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(the_newest_give_way) {
    serve(overflow::drop_newest, 10);
    auto deaf = join_deaf();
    tell(200);
    const auto came = numbers(deaf);
    BOOST_TEST(came == range(0, static_cast<int>(came.size())), boost::test_tools::per_element());
    BOOST_TEST(came.size() >= 70U);
    BOOST_TEST(came.size() < 100U);
    BOOST_TEST(peers[0].info().dropped == 200U - came.size());
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(the_latest_of_each_key_is_kept_by_topic) {
    make().topic("price", {.policy = overflow::keep_latest, .max_bytes = 1024 * 1024, .max_frames = 100});
    serve();
    auto deaf = join_deaf();
    tell(80, "other");  // certainly fills the output buffers
    const auto before = peers[0].info().dropped;
    for (int round = 0; round != 50; ++round) {
        tell(1, "price", "EUR");
        tell(1, "price", "USD");
    }
    tell(1, "other");
    auto came = numbers(deaf);
    BOOST_REQUIRE(came.size() == 83U);
    BOOST_TEST(std::vector<int>(came.end() - 3, came.end()) == (std::vector<int>{178, 179, 180}),
               boost::test_tools::per_element());
    BOOST_TEST(before == 0U);
    BOOST_TEST(peers[0].info().dropped == 98U);
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(the_latest_of_each_topic_is_kept_by_server) {
    serve(overflow::keep_latest, 100);
    auto deaf = join_deaf();
    tell(80, "a");
    tell(10, "b");
    tell(10, "a");
    const auto came = numbers(deaf);
    const auto sent_at_once = prefix_of(came);
    BOOST_REQUIRE(came.size() == static_cast<std::size_t>(sent_at_once) + 2);
    BOOST_TEST(came[came.size() - 2] == 99, "in the place of the first one that waited");
    BOOST_TEST(came.back() == 89);
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(a_topic_with_rules_of_its_own_does_not_push_out_others) {
    settings.notifications = {.policy = overflow::close, .max_bytes = 1024 * 1024, .max_frames = 100};
    make().topic("loud", {.policy = overflow::drop_oldest, .max_bytes = 1024 * 1024, .max_frames = 5});
    serve();
    auto deaf = join_deaf();
    tell(500, "loud");
    tell(50, "quiet");
    const auto came = numbers(deaf);
    BOOST_REQUIRE(came.size() > 55U);
    BOOST_TEST(std::vector<int>(came.end() - 55, came.end()) == range(495, 550), boost::test_tools::per_element());
    BOOST_TEST(peers[0].connected());
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(replies_and_control_frames_never_give_way) {
    serve(overflow::drop_oldest, 1);
    auto deaf = join_deaf();
    std::string requests;
    for (std::uint32_t id = 1; id != 201; id += 2) requests += raw::request(id, "echo", std::string(300, 'r'));
    tell(100);
    deaf.sends(requests + raw::ping("still here"));
    tell(100);
    deaf.reads_again();
    std::size_t replies = 0;
    std::size_t pongs = 0;
    std::size_t others = 0;
    while (deaf.unread() != 0) {
        const auto next = deaf.expects_frame();
        replies += next.kind == raw::frame_kind::response ? 1 : 0;
        pongs += next.kind == raw::frame_kind::pong ? 1 : 0;
        others += next.kind == raw::frame_kind::notify ? 1 : 0;
    }
    BOOST_TEST(replies == 100U);
    BOOST_TEST(pongs == 1U);
    BOOST_TEST(others + peers[0].info().dropped == 200U);
    BOOST_TEST(peers[0].info().dropped > 100U);
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(the_figures_are_told_to_clients_too) {
    serve(overflow::drop_newest, 1);
    auto deaf = join_deaf();
    tell(200);
    auto guest = join();
    const auto figures = boost::json::parse(value_of(ask<std::string>(guest, "$stats"))).as_object();
    BOOST_TEST(figures.at("dropped").as_int64() == static_cast<std::int64_t>(peers[0].info().dropped));
    BOOST_TEST(figures.at("dropped").as_int64() > 100);
    BOOST_TEST(figures.at("groups").as_int64() == 1);
    leave(guest);
    deaf.leaves();
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_however_much_is_sent) {
    serve(overflow::drop_oldest, 50);
    std::size_t heard = 0;
    client_settings.handlers.on_notify("n", [&](std::string_view) { ++heard; });
    auto fast = join();
    std::vector<raw_peer> deaf;
    for (int i = 0; i != 5; ++i) deaf.push_back(join_deaf());
    tell(100);
    const allocation_watch watch;
    tell(3000);
    BOOST_TEST(watch.peak() < 1024U * 1024U);
    BOOST_TEST(heard == 3100U);
    for (auto& each : deaf) each.leaves();
    leave(fast);
}

BOOST_AUTO_TEST_CASE(a_burst_that_leaves_nobody_a_turn_is_bounded_too) {
    serve(overflow::drop_oldest, 50);
    auto guest = join_raw();
    guest.greets();
    const auto burst = [this](int count) {
        for (int i = 0; i != count; ++i) service->group("room").notify("n", std::to_string(i) + std::string(1000, ' '));
    };
    const allocation_watch watch;
    burst(20'000);
    BOOST_TEST(watch.peak() < 1024U * 1024U);
    settle();
    const auto came = numbers(guest);
    BOOST_TEST(prefix_of(came) > 100, "what was there first was under way already");
    BOOST_REQUIRE(came.size() > 50U);
    BOOST_TEST(std::vector<int>(came.end() - 50, came.end()) == range(19'950, 20'000),
               boost::test_tools::per_element());
    BOOST_TEST(peers[0].info().dropped == 20'000U - came.size());
    BOOST_TEST(peers[0].info().notifications_out == 20'000U);
    guest.leaves();
}

BOOST_AUTO_TEST_CASE(a_burst_beyond_all_rules_closes_where_the_policy_says_so) {
    serve(overflow::close, 50);
    auto guest = join_raw();
    guest.greets();
    for (int i = 0; i != 20'000; ++i) service->group("room").notify("n", i);
    settle();
    BOOST_TEST(stats().closed.at("slow_consumer") == 1U);
    guest.leaves();
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_read_is_a_slow_consumer_to_its_client) {
    client_settings.notifications = {.policy = overflow::drop_newest, .max_bytes = 10'000, .max_frames = 1000};
    auto [guest, far] = join_raw_server();
    far.reads_only(0);
    const auto before = guest.peer().info().dropped;
    for (int i = 0; i != 1000; ++i) BOOST_TEST(outcome(guest.notify("n", std::string(1000, ' '))) == "ok");
    settle();
    BOOST_TEST(before == 0U);
    BOOST_TEST(guest.peer().info().dropped > 500U);
    BOOST_TEST(guest.connected());
    far.leaves();
    leave(guest);
}

BOOST_AUTO_TEST_CASE(rules_that_make_no_sense_are_refused) {
    make();
    BOOST_CHECK_THROW(service->topic("", {}), usage_error);
    BOOST_CHECK_THROW(service->topic("t", {.max_bytes = 0}), usage_error);
    BOOST_CHECK_THROW(service->topic("t", {.max_frames = 0}), usage_error);
    serve();
    BOOST_CHECK_THROW(service->topic("t", {}), usage_error);
}

BOOST_AUTO_TEST_SUITE_END()
