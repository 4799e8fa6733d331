// Groups and topics: membership and delivery.
#include "integration/service_fixture.hpp"
#include "support/allocation_count.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct groups_fixture : service_fixture {
    std::map<std::string, peer> peers;
    std::map<std::string, std::string> heard;  ///< What each client received, by its name.

    void serve() {
        make().on_connect([this](const peer& who) -> result<void> {
            peers.insert_or_assign(who.name(), who);
            return {};
        });
        start();
    }
    client join_as(const std::string& name) {
        auto with = client_settings;
        with.name = name;
        with.handlers = handlers();
        with.handlers.on_any_notify([this, name](task_context& call, std::string_view text) {
            heard[name] += std::string(call.task()) + ':' + std::string(text) + ' ';
        });
        return join(with);
    }
    void take_in(const group& into, const std::string& name) { BOOST_TEST(outcome(into.join(peers[name])) == "ok"); }
    std::string subscribe(const client& who, std::string topic) {
        return outcome(run([&] { return who.subscribe(topic); }));
    }
    std::string unsubscribe(const client& who, std::string topic) {
        return outcome(run([&] { return who.unsubscribe(topic); }));
    }
    void allow_all() {
        settings.may_subscribe = [](const peer&, std::string_view) -> result<void> { return {}; };
    }
    std::string take(const std::string& name) {
        settle();
        return std::exchange(heard[name], {});
    }
    ~groups_fixture() { peers.clear(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(groups, groups_fixture)

BOOST_AUTO_TEST_CASE(members_join_once_and_leave_once) {
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    const auto room = service->group("room");
    BOOST_TEST(room.name() == "room");
    take_in(room, "anna");
    take_in(room, "anna");
    take_in(service->group("room"), "ben");
    BOOST_TEST(room.size() == 2U);
    BOOST_TEST(room.has(peers["anna"]));
    BOOST_TEST((room.members() == std::vector<peer>{peers["anna"], peers["ben"]}));
    BOOST_TEST(room.leave(peers["anna"]));
    BOOST_TEST(!room.leave(peers["anna"]));
    BOOST_TEST(!room.has(peers["anna"]));
    BOOST_TEST((room.members() == std::vector<peer>{peers["ben"]}));
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(all_members_are_told_or_all_but_one) {
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    auto outsider = join_as("outsider");
    const auto room = service->group("room");
    take_in(room, "anna");
    take_in(room, "ben");
    BOOST_TEST(room.notify("news", "1") == 2U);
    BOOST_TEST(room.notify_others(peers["anna"], "news", "2") == 1U);
    BOOST_TEST(room.notify_others(peers["outsider"], "news", "3") == 2U);
    (void)room.leave(peers["ben"]);
    BOOST_TEST(room.notify("news", "4") == 1U);
    BOOST_TEST(take("anna") == "news:1 news:3 news:4 ");
    BOOST_TEST(take("ben") == "news:1 news:2 news:3 ");
    BOOST_TEST(take("outsider") == "");
    for (auto* each : {&anna, &ben, &outsider}) leave(*each);
}

BOOST_AUTO_TEST_CASE(membership_ends_with_the_connection) {
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    const auto room = service->group("room");
    for (const auto* name : {"anna", "ben"}) take_in(room, name);
    for (const auto* name : {"anna", "ben"}) take_in(service->group("other room"), name);
    BOOST_TEST(stats().groups == 2U);
    leave(anna);
    settle();
    BOOST_TEST((room.members() == std::vector<peer>{peers["ben"]}));
    BOOST_TEST(room.notify("news", "1") == 1U);
    leave(ben);
    settle();
    BOOST_TEST(room.size() == 0U);
    BOOST_TEST(stats().groups == 1U, "the one that this test holds a handle to");
}

BOOST_AUTO_TEST_CASE(groups_that_nobody_is_in_vanish) {
    serve();
    auto anna = join_as("anna");
    BOOST_TEST(service->group("nobody's").notify("news", "1") == 0U);
    BOOST_TEST(stats().groups == 0U);
    take_in(service->group("room"), "anna");
    BOOST_TEST(stats().groups == 1U);
    BOOST_TEST(service->group("room").leave(peers["anna"]));
    BOOST_TEST(stats().groups == 0U);
    leave(anna);
}

BOOST_AUTO_TEST_CASE(groups_that_were_only_looked_at_leave_no_memory) {
    serve();
    const auto look_at_many = [this] {
        for (int i = 0; i != 1000; ++i) (void)service->group("room " + std::to_string(i)).size();
    };
    look_at_many();
    const allocation_watch watch;
    for (int round = 0; round != 20; ++round) {
        for (int i = 0; i != 1000; ++i)
            (void)service->group("room " + std::to_string(round) + " " + std::to_string(i)).size();
    }
    BOOST_TEST(watch.peak() < 4096U);
}

BOOST_AUTO_TEST_CASE(peers_of_another_server_are_not_taken_for_ones_own) {
    serve();
    server elsewhere(io.get_executor(), settings);
    peer foreign;
    elsewhere.on_connect([&](const peer& who) -> result<void> {
        foreign = who;
        return {};
    });
    auto other_life = spawn([&] { return elsewhere.run(); });
    settle();
    auto anna = join_as("anna");
    auto stranger = value_of(run([&] { return client::connect(elsewhere, client_settings); }));
    BOOST_REQUIRE(foreign.id() == peers["anna"].id());
    const auto room = service->group("room");
    take_in(room, "anna");
    BOOST_TEST(outcome(room.join(foreign)) == "bad_request");
    BOOST_TEST(outcome(room.join(stranger.peer())) == "bad_request");
    BOOST_TEST(!room.has(foreign));
    BOOST_TEST(!room.leave(foreign));
    BOOST_TEST(room.has(peers["anna"]));
    leave(stranger);
    leave(anna);
    elsewhere.stop();
    (void)run_in_virtual_time(std::move(other_life));
}

BOOST_AUTO_TEST_CASE(a_payload_is_encoded_once_and_shared) {
    serve();
    std::vector<raw_peer> crowd;
    for (int i = 0; i != 20; ++i) {
        crowd.push_back(join_raw({.capacity = 1024}));
        crowd.back().greets({.name = std::to_string(i)});
        take_in(service->group("room"), std::to_string(i));
    }
    settle();
    const std::string payload(200'000, 'p');
    const allocation_watch watch;
    BOOST_TEST(service->group("room").notify("news", payload) == 20U);
    settle();
    BOOST_TEST(watch.peak() < 3 * payload.size(), "20 of them would be 4 MB");
    for (auto& each : crowd) {
        BOOST_TEST(each.expects_frame().body.size() == payload.size());
        each.leaves();
    }
}

BOOST_AUTO_TEST_CASE(a_broadcast_reaches_every_client) {
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    auto stranger = join_raw();
    service->broadcast("news", "1");
    service->broadcast("news", "2");
    for (const auto* name : {"anna", "ben"}) BOOST_TEST(take(name) == "news:1 news:2 ");
    stranger.expects_nothing();
    stranger.leaves();
    leave(anna);
    leave(ben);
    settle();
    service->broadcast("news", "to nobody");
    settle();
    BOOST_TEST(stats().notifications_out == 4U);
}

BOOST_AUTO_TEST_CASE(nobody_subscribes_where_the_config_says_nothing_of_it) {
    serve();
    auto anna = join_as("anna");
    const auto answer = run([&] { return anna.subscribe("news"); });
    BOOST_REQUIRE(!answer.has_value());
    BOOST_TEST(name_of(answer.error().code) == "not_allowed");
    BOOST_TEST(answer.error().detail.find("may_subscribe") != std::string::npos);
    BOOST_TEST(service->publish("news", "1") == 0U);
    BOOST_TEST(take("anna") == "");
    BOOST_TEST(stats().groups == 0U);
    leave(anna);
}

BOOST_AUTO_TEST_CASE(the_policy_decides_for_each_client_and_topic) {
    settings.may_subscribe = [](const peer& who, std::string_view topic) -> result<void> {
        if (topic == "secret" && who.name() != "anna") return failure(errc::not_allowed, "for anna's eyes only");
        return {};
    };
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    BOOST_TEST(subscribe(anna, "secret") == "ok");
    BOOST_TEST(subscribe(ben, "news") == "ok");
    const auto refused = run([&] { return ben.subscribe("secret"); });
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(name_of(refused.error().code) == "not_allowed");
    BOOST_TEST(refused.error().detail == "for anna's eyes only");
    BOOST_TEST(service->publish("secret", "1") == 1U);
    BOOST_TEST(service->publish("news", "2") == 1U);
    BOOST_TEST(take("anna") == "secret:1 ");
    BOOST_TEST(take("ben") == "news:2 ");
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(a_star_is_every_topic_and_nobody_hears_anything_twice) {
    allow_all();
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    for (const auto* topic : {"*", "news"}) BOOST_TEST(subscribe(anna, topic) == "ok");
    BOOST_TEST(subscribe(ben, "*") == "ok");
    BOOST_TEST(service->publish("news", "1") == 2U);
    BOOST_TEST(service->publish("sports", "2") == 2U);
    BOOST_TEST(service->group("news").notify("news", "3") == 1U, "a group is told as it is");
    BOOST_TEST(service->publish("*", "4") == 2U);
    BOOST_TEST(take("anna") == "news:1 sports:2 news:3 *:4 ");
    BOOST_TEST(take("ben") == "news:1 sports:2 *:4 ");
    BOOST_TEST(unsubscribe(ben, "*") == "ok");
    BOOST_TEST(service->publish("sports", "5") == 1U);
    BOOST_TEST(take("ben") == "");
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(to_unsubscribe_ends_it_and_does_nothing_else) {
    allow_all();
    serve();
    auto anna = join_as("anna");
    BOOST_TEST(subscribe(anna, "news") == "ok");
    BOOST_TEST(subscribe(anna, "news") == "ok");
    BOOST_TEST(unsubscribe(anna, "sports") == "ok");
    BOOST_TEST(service->publish("news", "1") == 1U);
    BOOST_TEST(unsubscribe(anna, "news") == "ok");
    BOOST_TEST(unsubscribe(anna, "news") == "ok");
    BOOST_TEST(service->publish("news", "2") == 0U);
    BOOST_TEST(take("anna") == "news:1 ");
    BOOST_TEST(stats().groups == 0U);
    BOOST_TEST(subscribe(anna, std::string(256, 't')) == "bad_request");
    leave(anna);
}

BOOST_AUTO_TEST_CASE(one_peer_is_in_so_many_groups_at_most) {
    settings.limits.max_groups = 3;
    allow_all();
    serve();
    auto anna = join_as("anna");
    auto ben = join_as("ben");
    for (const auto* topic : {"1", "2", "3", "2"}) BOOST_TEST(subscribe(anna, topic) == "ok");
    const auto fourth = service->group("4").join(peers["anna"]);
    BOOST_TEST(outcome(fourth) == "overloaded");
    BOOST_TEST(fourth.error().detail.find("at most 3") != std::string::npos);
    BOOST_TEST(subscribe(anna, "4") == "overloaded");
    BOOST_TEST(stats().groups == 3U);
    BOOST_TEST(subscribe(ben, "4") == "ok");
    BOOST_TEST(unsubscribe(anna, "2") == "ok");
    BOOST_TEST(subscribe(anna, "4") == "ok");
    leave(anna);
    leave(ben);
}

BOOST_AUTO_TEST_CASE(a_list_of_more_topics_than_one_may_have_is_refused_before_it_is_walked) {
    settings.limits.max_groups = 3;
    std::size_t asked = 0;
    settings.may_subscribe = [&asked](const peer&, std::string_view) -> result<void> {
        ++asked;
        return {};
    };
    serve();
    auto anna = join_as("anna");
    const std::vector<std::string> copies(4, "news");
    for (const auto* task : {"$subscribe", "$unsubscribe"}) {
        const auto refused = ask(anna, task, copies);
        BOOST_TEST(outcome(refused) == "bad_request");
        BOOST_TEST(refused.error().detail.find("at most 3") != std::string::npos, refused.error().detail);
    }
    BOOST_TEST(asked == 0U);
    const std::vector<std::string> as_many_as_fit(3, "news");
    BOOST_TEST(outcome(ask(anna, "$subscribe", as_many_as_fit)) == "ok");
    BOOST_TEST(asked == 3U);
    BOOST_TEST(outcome(ask(anna, "$unsubscribe", as_many_as_fit)) == "ok");
    BOOST_TEST(stats().groups == 0U);
    leave(anna);
}

BOOST_AUTO_TEST_CASE(names_that_are_none_throw) {
    serve();
    for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\xff")})
        BOOST_CHECK_THROW((void)service->group(name), usage_error);
}

BOOST_AUTO_TEST_CASE(a_handle_outlives_its_server) {
    serve();
    const auto room = service->group("room");
    auto anna = join_as("anna");
    take_in(room, "anna");
    const auto handle = peers["anna"];
    leave(anna);
    (void)stop();
    peers.clear();
    service.reset();
    BOOST_TEST(room.size() == 0U);
    BOOST_TEST(room.notify("news", "1") == 0U);
    BOOST_TEST(!room.leave(handle));
}

// Notifying thousands takes milliseconds, during which the thread must do other work too.
BOOST_AUTO_TEST_CASE(while_a_large_group_is_told_others_have_their_turn) {
    constexpr std::size_t crowd = 200;
    serve();
    std::vector<client> clients;
    const auto room = service->group("room");
    for (std::size_t i = 0; i != crowd; ++i) {
        const auto name = std::to_string(i);
        clients.push_back(join_as(name));
        take_in(room, name);
    }
    const auto sent_to = [&] {
        return static_cast<std::size_t>(
            std::ranges::count_if(peers, [](const auto& each) { return each.second.info().notifications_out != 0; }));
    };
    settle();
    BOOST_TEST(room.notify("n", "x") == crowd);
    std::vector<std::size_t> seen;
    std::function<void()> look = [&] {
        seen.push_back(sent_to());
        if (seen.back() != crowd) asio::post(io, look);
    };
    asio::post(io, look);
    settle();
    std::size_t most = seen.front();
    for (std::size_t i = 1; i < seen.size(); ++i) most = std::max(most, seen[i] - seen[i - 1]);
    BOOST_TEST(seen.back() == crowd);
    BOOST_TEST(most > 1U);  // one job for many of them
    BOOST_TEST(most < crowd / 2);
    for (auto& each : clients) leave(each);
}

BOOST_AUTO_TEST_SUITE_END()
