// A client that knows several addresses.
#include "integration/sites_fixture.hpp"

#include <set>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct addresses_fixture : sites_fixture {
    std::string where(const client& c) { return value_of(ask<std::string>(c, "where")); }
    std::vector<std::size_t> attempts() {
        std::vector<std::size_t> all;
        for (const auto& each : sites) all.push_back(each.dialled.size());
        return all;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(addresses, addresses_fixture)

BOOST_AUTO_TEST_CASE(the_first_one_that_answers_is_taken) {
    open(2), open(3);
    auto c = join_sites();
    BOOST_TEST(where(c) == "site 2");
    const std::vector<std::size_t> expected{1, 1, 1, 0};
    BOOST_TEST(attempts() == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(without_reconnecting_too) {
    client_settings.reconnect.enabled = false;
    open(1);
    auto c = join_sites();
    BOOST_TEST(where(c) == "site 1");
    leave(c);
}

BOOST_AUTO_TEST_CASE(after_a_loss_the_search_begins_behind_the_one_that_was_lost) {
    for (std::size_t i = 0; i != 4; ++i) open(i);
    auto c = join_sites();
    const auto begin = clock.now();
    BOOST_TEST(where(c) == "site 0");
    cut(0);
    BOOST_TEST(where(c) == "site 1");
    BOOST_TEST((clock.now() == begin));
    sites[2].how = sites[3].how = manners::refuses;
    pass(1s);  // otherwise the second loss in a row would make it wait
    cut(1);
    BOOST_TEST(where(c) == "site 0");
    const std::vector<std::size_t> expected{2, 1, 1, 1};
    BOOST_TEST(attempts() == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(each_round_tries_all_of_them) {
    open(0);
    auto c = join_sites();
    sites[0].how = manners::refuses;
    cut(0);
    until_dialled(3, 3);
    settle();
    BOOST_TEST(attempts().at(1) == 3U);
    BOOST_TEST(attempts().at(2) == 3U);
    BOOST_TEST(pauses(1).at(0) == 100);
    BOOST_TEST(pauses(1).at(1) == 200);
    BOOST_TEST(pauses(2).at(1) == 200);
    leave(c);
}

BOOST_AUTO_TEST_CASE(in_random_order_clients_spread_and_still_try_each_once) {
    client_settings.order = address_order::random;
    for (std::size_t i = 0; i != 3; ++i) open(i);  // no server on the fourth
    std::vector<client> all;
    for (int i = 0; i != 60; ++i) all.push_back(join_sites());
    std::set<std::string> found;
    for (const auto& c : all) found.insert(where(c));
    BOOST_TEST(found.size() == 3U);
    BOOST_TEST((attempts().at(3) > 0U && attempts().at(3) < 60U));
    for (auto& c : all) leave(c);

    for (std::size_t i = 0; i != 4; ++i) sites[i].dialled.clear(), shut(i);
    BOOST_TEST(outcome(run([this] { return client::connect(dialers(), client_settings); })) == "connect_failed");
    const std::vector<std::size_t> once_each{1, 1, 1, 1};
    BOOST_TEST(attempts() == once_each, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_goaway_moves_new_calls_at_once_while_the_running_one_finishes) {
    open(0), open(1);
    auto c = join_sites(2);
    auto running = begin<int>(c, "sleep", 500);
    settle();
    sites[0].service->stop();
    settle();
    BOOST_TEST(c.connected());
    BOOST_TEST((c.state() == client_state::connected));
    BOOST_TEST(where(c) == "site 1");
    BOOST_TEST(events.at(2) == "waiting shutting_down");
    BOOST_TEST(!running.done());
    BOOST_TEST(!sites[0].life->done());
    pass(500ms);
    BOOST_TEST(value_of(run(running)) == 500);
    settle();
    BOOST_TEST(sites[0].life->done());
    BOOST_TEST(c.connected());
    BOOST_TEST(where(c) == "site 1");
    leave(c);
}

BOOST_AUTO_TEST_CASE(connections_to_a_server_that_says_goodbye_and_never_goes_are_not_collected) {
    sites[0].how = manners::stays_mute;
    auto joining = spawn([this] { return client::connect(dialers(1), client_settings); });
    settle();
    std::vector<raw_peer> servers;
    std::optional<client> c;
    for (std::size_t i = 0; i != 40; ++i) {
        until_dialled(0, i + 1);
        servers.emplace_back(std::move(sites[0].mute_ends.at(i)), turns());
        servers.back().greets();
        if (!c) c = value_of(run(joining));
        servers.back().sends(raw::goaway(0));
        servers.back().expects_nothing();
    }
    std::size_t open_ones = 0;
    for (auto& each : servers) open_ones += each.has_ended() ? 0 : 1;
    BOOST_TEST(open_ones == 16U);
    auto leaving = spawn([&] { return c->close(); });
    settle();
    for (auto& each : servers) each.leaves();
    run(leaving);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_leaves_the_server_that_it_was_told_to_leave_too) {
    open(0), open(1);
    auto c = join_sites(2);
    auto running = begin<int>(c, "sleep", 500);
    settle();
    sites[0].service->stop();
    settle();
    leave(c);
    BOOST_TEST(outcome(run(running)) == "connection_closed");
    settle();
    BOOST_TEST(sites[0].life->done());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_alone_and_goes_away_is_waited_for) {
    open(0);
    auto c = join_sites(1);
    auto running = begin<int>(c, "sleep", 250);
    settle();
    sites[0].service->stop();
    settle();
    BOOST_TEST(!c.connected());
    pass(250ms);
    BOOST_TEST(value_of(run(running)) == 250);
    shut(0);
    open(0);
    pass(1s);
    BOOST_TEST(where(c) == "site 0");
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_empty_list_is_an_invalid_address) {
    BOOST_TEST(outcome(run([this] { return client::connect(dialers(0), client_settings); })) == "invalid_address");
    const std::vector<std::string> none;
    BOOST_TEST(outcome(run([&] { return client::connect(none, client_settings); })) == "invalid_address");
}

BOOST_AUTO_TEST_SUITE_END()
