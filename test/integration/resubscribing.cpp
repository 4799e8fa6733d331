// Subscriptions are made again after the connection was lost.
#include "integration/sites_fixture.hpp"

#include <set>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using strings = std::vector<std::string>;

struct resubscribing_fixture : sites_fixture {
    strings got;
    std::set<std::string, std::less<>> forbidden;
    std::vector<std::string> asked;  ///< Topics that clients asked to subscribe to.

    resubscribing_fixture() {
        settings.may_subscribe = [this](const peer&, std::string_view topic) -> result<void> {
            asked.emplace_back(topic);
            if (forbidden.contains(topic)) return failure(errc::not_allowed, "not that one");
            return {};
        };
        client_settings.handlers.on_any_notify([this](task_context& note, const std::string& text) {
            got.push_back(std::string(note.task()) + " " + text);
        });
    }
    std::string subscribe(client& c, std::string topic) {
        return outcome(run([&] { return c.subscribe(std::move(topic)); }));
    }
    std::string unsubscribe(client& c, std::string topic) {
        return outcome(run([&] { return c.unsubscribe(std::move(topic)); }));
    }
    strings heard_of(std::size_t at, const strings& topics) {
        got.clear();
        for (const auto& topic : topics) sites[at].service->publish(topic, "news");
        settle();
        return got;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resubscribing, resubscribing_fixture)

BOOST_AUTO_TEST_CASE(what_was_subscribed_is_subscribed_again_and_what_was_given_up_is_not) {
    open(0);
    auto c = join_sites(1);
    for (const auto* topic : {"a", "b", "c"}) BOOST_TEST(subscribe(c, topic) == "ok");
    BOOST_TEST(unsubscribe(c, "b") == "ok");
    const strings expected{"a news", "c news"};
    BOOST_TEST(heard_of(0, {"a", "b", "c"}) == expected, boost::test_tools::per_element());
    cut(0);
    BOOST_TEST(c.connected());
    BOOST_TEST(heard_of(0, {"a", "b", "c"}) == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(at_the_next_server_too) {
    open(0), open(1);
    auto c = join_sites(2);
    BOOST_TEST(subscribe(c, "*") == "ok");
    shut(0);
    BOOST_TEST(c.connected());
    const strings expected{"anything news"};
    BOOST_TEST(heard_of(1, {"anything"}) == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(it_is_connected_only_once_that_is_done) {
    open(0);
    client_settings.on_state = [&, tell = client_settings.on_state](client_state now, const failure& why) {
        tell(now, why);
        if (now == client_state::connected && events.size() > 2) sites[0].service->publish("a", "first");
    };
    auto c = join_sites(1);
    BOOST_TEST(subscribe(c, "a") == "ok");
    cut(0);
    const strings expected{"a first"};
    BOOST_TEST(got == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_is_not_allowed_any_more_keeps_no_other_out) {
    open(0);
    auto c = join_sites(1);
    for (const auto* topic : {"a", "b", "c"}) BOOST_TEST(subscribe(c, topic) == "ok");
    forbidden.insert("a");
    cut(0);
    BOOST_TEST(c.connected());
    const strings expected{"b news", "c news"};
    BOOST_TEST(heard_of(0, {"a", "b", "c"}) == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_that_was_never_allowed_is_not_asked_for_again) {
    open(0);
    forbidden.insert("secret");
    auto c = join_sites(1);
    BOOST_TEST(subscribe(c, "secret") == "not_allowed");
    asked.clear();
    cut(0);
    BOOST_TEST(c.connected());
    BOOST_TEST(asked.empty());
    leave(c);
}

BOOST_AUTO_TEST_CASE(who_subscribes_while_there_is_no_connection_waits_for_one) {
    open(0);
    auto c = join_sites(1);
    sites[0].how = manners::refuses;
    cut(0);
    auto subscribing = spawn([&] { return c.subscribe("a"); });
    settle();
    BOOST_TEST(!subscribing.done());
    sites[0].how = manners::serves;
    BOOST_TEST(outcome(run_in_virtual_time(subscribing)) == "ok");
    const strings expected{"a news"};
    BOOST_TEST(heard_of(0, {"a"}) == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(it_may_be_closed_while_it_subscribes_again) {
    open(0);
    auto c = join_sites(1);
    BOOST_TEST(subscribe(c, "a") == "ok");
    sites[0].how = manners::stays_mute;
    cut(0);
    raw_peer silent(std::move(sites[0].mute_ends.at(0)), turns());
    silent.greets();
    settle();
    BOOST_TEST(!c.connected());
    auto closing = spawn([&] { return c.close(); });
    settle();
    silent.leaves();
    run(closing);
    BOOST_TEST((c.state() == client_state::closed));
    BOOST_TEST(events.back() == "closed connection_closed");
}

BOOST_AUTO_TEST_SUITE_END()
