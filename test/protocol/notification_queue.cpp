#include "protocol/notification_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>

using namespace echosocket;

namespace {

struct queue_fixture {
    protocol::notification_queue queue;
    queue_rules rules{.policy = overflow::close, .max_bytes = 1'000'000, .max_frames = 3};

    protocol::notification_ptr make(std::string_view body, std::string_view topic = "t", std::string_view key = {},
                                    std::string lane = {}) const {
        encoded_body bytes;
        bytes.bytes = body;
        auto made = protocol::make_notification(topic, bytes, {}, key, {rules, std::move(lane)});
        BOOST_REQUIRE(made.has_value());
        return *made;
    }
    protocol::notification_queue::outcome push(std::string_view body, std::string_view topic = "t",
                                               std::string_view key = {}, std::string lane = {}) {
        return queue.push(make(body, topic, key, std::move(lane)));
    }
    /// The bodies of all queued notifications, oldest first; also checks that the sums return to zero.
    std::string drain() {
        std::string bodies;
        while (!queue.empty()) {
            const auto next = queue.pop();
            bodies += next->frame->substr(next->body_at) + ' ';
        }
        BOOST_TEST(queue.bytes() == 0U);
        BOOST_TEST(queue.size() == 0U);
        return bodies;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notification_queue)

BOOST_FIXTURE_TEST_CASE(what_waits_keeps_its_order_over_all_lanes, queue_fixture) {
    push("1", "a", {}, "a");
    push("2", "b", {}, "b");
    push("3", "a", {}, "a");
    push("4", "c");
    BOOST_TEST(queue.size() == 4U);
    BOOST_TEST(drain() == "1 2 3 4 ");
}

BOOST_FIXTURE_TEST_CASE(bytes_are_those_of_whole_frames, queue_fixture) {
    const auto one = make("12345");
    BOOST_TEST(one->size() == 12U + 4 + 5);  // header, the topic's record, body
    queue.push(one);
    queue.push(make("1"));
    BOOST_TEST(queue.bytes() == 21U + 17);
    (void)queue.pop();
    BOOST_TEST(queue.bytes() == 17U);
}

BOOST_FIXTURE_TEST_CASE(close_says_so_and_queues_nothing_more, queue_fixture) {
    for (const auto* body : {"1", "2", "3"}) BOOST_TEST(!push(body).overflowed);
    const auto fourth = push("4");
    BOOST_TEST(fourth.overflowed);
    BOOST_TEST(fourth.dropped == 0U);
    BOOST_TEST(drain() == "1 2 3 ");
}

BOOST_FIXTURE_TEST_CASE(drop_newest_keeps_what_is_there, queue_fixture) {
    rules.policy = overflow::drop_newest;
    for (const auto* body : {"1", "2", "3"}) BOOST_TEST(push(body).dropped == 0U);
    const auto fourth = push("4");
    BOOST_TEST(fourth.dropped == 1U);
    BOOST_TEST(!fourth.overflowed);
    BOOST_TEST(drain() == "1 2 3 ");
}

BOOST_FIXTURE_TEST_CASE(drop_oldest_makes_room, queue_fixture) {
    rules.policy = overflow::drop_oldest;
    for (const auto* body : {"1", "2", "3"}) BOOST_TEST(push(body).dropped == 0U);
    BOOST_TEST(push("4").dropped == 1U);
    BOOST_TEST(push("5").dropped == 1U);
    BOOST_TEST(drain() == "3 4 5 ");
}

BOOST_FIXTURE_TEST_CASE(the_bound_in_bytes_holds_too, queue_fixture) {
    rules = {.policy = overflow::drop_oldest, .max_bytes = 100, .max_frames = 1000};
    push(std::string(20, 'a'));  // 36 bytes each
    push(std::string(20, 'b'));
    BOOST_TEST(push(std::string(20, 'c')).dropped == 1U);
    BOOST_TEST(queue.bytes() == 72U);
    BOOST_TEST(push(std::string(70, 'd')).dropped == 2U);
    BOOST_TEST(queue.bytes() == 86U);
    BOOST_TEST(drain() == std::string(70, 'd') + ' ');
}

BOOST_FIXTURE_TEST_CASE(one_above_the_bound_waits_by_itself, queue_fixture) {
    for (const auto policy : {overflow::close, overflow::drop_newest, overflow::drop_oldest, overflow::keep_latest}) {
        rules = {.policy = policy, .max_bytes = 10, .max_frames = 5};
        const auto first = push("large");
        BOOST_TEST(!first.overflowed);
        BOOST_TEST(first.dropped == 0U);
        const auto second = push("other", "t", "k");
        BOOST_TEST(second.overflowed == (policy == overflow::close));
        BOOST_TEST(second.dropped == (policy == overflow::close ? 0U : 1U));
        const bool keeps_old = policy == overflow::close || policy == overflow::drop_newest;
        BOOST_TEST(drain() == (keeps_old ? "large " : "other "));
    }
}

BOOST_FIXTURE_TEST_CASE(a_lane_gives_way_to_itself_only, queue_fixture) {
    rules.policy = overflow::drop_oldest;
    push("kept", "quiet", {}, "quiet");
    push("also", "other");
    for (const auto* body : {"1", "2", "3", "4", "5"}) push(body, "loud", {}, "loud");
    BOOST_TEST(queue.size() == 5U);
    BOOST_TEST(drain() == "kept also 3 4 5 ");
}

BOOST_FIXTURE_TEST_CASE(topics_without_rules_of_their_own_share_a_lane, queue_fixture) {
    rules.policy = overflow::drop_oldest;
    push("1", "a");
    push("2", "b");
    push("3", "c");
    BOOST_TEST(push("4", "d").dropped == 1U);
    BOOST_TEST(drain() == "2 3 4 ");
}

BOOST_FIXTURE_TEST_CASE(the_latest_of_a_key_takes_the_place_of_the_one_before, queue_fixture) {
    rules.policy = overflow::keep_latest;
    push("a1", "t", "a");
    push("b1", "t", "b");
    const auto again = push("a2", "t", "a");
    BOOST_TEST(again.dropped == 1U);
    BOOST_TEST(queue.size() == 2U);
    push("u1", "other", "a");  // keys belong to their topic
    BOOST_TEST(drain() == "a2 b1 u1 ");
    push("a3", "t", "a");  // and are forgotten once sent
    BOOST_TEST(drain() == "a3 ");
}

BOOST_FIXTURE_TEST_CASE(without_a_key_the_latest_of_the_topic_is_kept, queue_fixture) {
    rules.policy = overflow::keep_latest;
    push("1");
    push("2");
    push("x", "u");
    push("3");
    BOOST_TEST(drain() == "3 x ");
}

BOOST_FIXTURE_TEST_CASE(above_the_bound_the_oldest_keys_go, queue_fixture) {
    rules.policy = overflow::keep_latest;
    for (const auto* key : {"a", "b", "c", "d"}) push(key, "t", key);
    BOOST_TEST(queue.size() == 3U);
    push("a2", "t", "a");  // has a new place, so b is dropped
    BOOST_TEST(drain() == "c d a2 ");
}

BOOST_FIXTURE_TEST_CASE(latest_ones_that_grow_keep_to_the_bound_in_bytes, queue_fixture) {
    rules = {.policy = overflow::keep_latest, .max_bytes = 100, .max_frames = 10};
    for (const auto* key : {"a", "b", "c"}) push(key, "t", key);  // 17 bytes each
    BOOST_TEST(push(std::string(50, 'B'), "t", "b").dropped == 1U);
    BOOST_TEST(queue.size() == 3U);
    BOOST_TEST(queue.bytes() == 100U);
    BOOST_TEST(push(std::string(51, 'B'), "t", "b").dropped == 2U);
    BOOST_TEST(queue.bytes() == 84U);
    BOOST_TEST(push(std::string(80, 'B'), "t", "b").dropped == 2U);
    BOOST_TEST(drain() == std::string(80, 'B') + ' ');
}

BOOST_AUTO_TEST_SUITE_END()
