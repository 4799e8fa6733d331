// A client that reconnects.
#include "integration/sites_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using strings = std::vector<std::string>;

struct reconnecting_fixture : sites_fixture {
    spawned<result<client>> begin_joining() {
        auto joining = spawn([this] { return client::connect(dialers(1), client_settings); });
        settle();
        BOOST_TEST(!joining.done());
        return joining;
    }
    /// Connected once, and now reconnecting to a site that behaves as `next` says.
    client join_and_lose(manners next) {
        open(0);
        auto c = join_sites(1);
        sites[0].how = next;
        cut(0);
        BOOST_TEST(!c.connected());
        return c;
    }
    void leave_for_good(client& c) {
        leave(c);
        BOOST_TEST((c.state() == client_state::closed));
        BOOST_TEST(events.back() == "closed connection_closed");
        BOOST_TEST((run([&] { return c.closed(); }).code == errc::connection_closed));
        const auto heard = events.size();
        const auto dialled = sites[0].dialled.size();
        pass(10s, 100ms);
        BOOST_TEST(events.size() == heard);
        BOOST_TEST(sites[0].dialled.size() == dialled);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reconnecting, reconnecting_fixture)

BOOST_AUTO_TEST_CASE(a_lost_connection_is_made_anew_at_once) {
    open(0);
    auto c = join_sites(1);
    const auto before = clock.now();
    cut(0);
    BOOST_TEST(c.connected());
    BOOST_TEST((clock.now() == before));
    BOOST_TEST(value_of(ask<std::string>(c, "where")) == "site 0");
    const strings expected{"connecting", "connected", "waiting connection_lost", "connecting connection_lost",
                           "connected"};
    BOOST_TEST(events == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(without_the_policy_a_lost_connection_is_the_end) {
    client_settings.reconnect.enabled = false;
    open(0);
    auto c = join_sites(1);
    cut(0);
    BOOST_TEST((c.state() == client_state::closed));
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::connection_lost));
    BOOST_TEST(sites[0].dialled.size() == 1U);
    BOOST_TEST(outcome(ask<std::string>(c, "where")) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(while_the_server_is_away_each_pause_is_twice_the_one_before_up_to_the_longest) {
    auto c = join_and_lose(manners::refuses);
    until_dialled(0, 9);
    const std::vector<long> expected{100, 200, 400, 800, 1000, 1000, 1000};
    const auto all = pauses(0, 1);  // the very first attempt was made by `join`
    BOOST_TEST(all == expected, boost::test_tools::per_element());
    BOOST_TEST(events.back() == "waiting connect_failed");
    sites[0].how = manners::serves;
    until_dialled(0, 10);
    BOOST_TEST(c.connected());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_connection_that_lived_for_long_makes_the_next_pauses_short_again) {
    auto c = join_and_lose(manners::refuses);
    until_dialled(0, 8);
    sites[0].how = manners::serves;
    until_dialled(0, 9);
    pass(2s, 100ms);
    sites[0].how = manners::refuses;
    cut(0);
    until_dialled(0, 12);
    const std::vector<long> expected{100, 200};
    BOOST_TEST(pauses(0, 9) == expected, boost::test_tools::per_element());
    leave(c);
}

BOOST_AUTO_TEST_CASE(pauses_are_shortened_at_random_by_no_more_than_the_policy_says) {
    client_settings.reconnect.jitter_percent = 30;
    auto c = join_and_lose(manners::refuses);
    until_dialled(0, 60);
    const auto all = pauses(0, 10);
    const auto [least, most] = std::ranges::minmax(all);
    BOOST_TEST((least >= 700 && most <= 1000), "from " << least << " to " << most);
    BOOST_TEST(most - least > 100, "from " << least << " to " << most);
    leave(c);
}

BOOST_AUTO_TEST_CASE(after_so_many_rounds_it_gives_up) {
    client_settings.reconnect.max_rounds = 3;
    open(0);
    auto c = join_sites(2);
    sites[0].how = manners::refuses;
    cut(0);
    const auto why = run_in_virtual_time([&] { return c.closed(); });
    BOOST_TEST(std::string(name_of(why.code)) == "connect_failed");
    BOOST_TEST(sites[0].dialled.size() == 1U + 3U);
    BOOST_TEST(sites[1].dialled.size() == 3U);
    BOOST_TEST((c.state() == client_state::closed));
    BOOST_TEST(events.back() == "closed connect_failed");
    BOOST_TEST(outcome(ask<std::string>(c, "where")) == "connect_failed");
}

BOOST_AUTO_TEST_CASE(a_server_that_takes_everybody_in_and_closes_at_once_is_not_hammered) {
    client_settings.reconnect.max_delay = 10s;
    prepare = [](server& s) {
        s.on_connect([](const peer& who) {
            who.close();
            return result<void>();
        });
    };
    open(0);
    auto joining = spawn([this] { return client::connect(dialers(1), client_settings); });
    pass(60s, 100ms);
    // 100 ms, 200 ms, ... 6.4 s, then every 10 s.
    BOOST_TEST((sites[0].dialled.size() >= 8U && sites[0].dialled.size() <= 14U), sites[0].dialled.size());
    auto c = run(joining);
    if (c) leave(*c);
}

BOOST_AUTO_TEST_CASE(a_dialer_that_throws_is_an_attempt_that_failed) {
    auto c = join_and_lose(manners::throws);
    until_dialled(0, 4);
    BOOST_TEST(events.back() == "waiting connect_failed");
    sites[0].how = manners::serves;
    until_dialled(0, 5);
    BOOST_TEST(c.connected());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_says_cancelled_does_not_end_the_search_for_another) {
    sites[0].how = manners::stays_mute;
    open(1);
    auto joining = spawn([this] { return client::connect(dialers(2), client_settings); });
    settle();
    raw_peer odd(std::move(sites[0].mute_ends.at(0)), turns());
    (void)odd.expects_hello();
    odd.sends(raw::error(0, errc::cancelled, "go away"));
    auto c = value_of(run(joining));
    BOOST_TEST(value_of(ask<std::string>(c, "where")) == "site 1");
    odd.leaves();
    leave(c);
}

BOOST_AUTO_TEST_CASE(an_on_state_that_throws_changes_nothing_but_the_log) {
    std::size_t logged = 0;
    client_settings.log = [&logged](log_level, std::string_view text) {
        if (text.starts_with("on_state threw: ")) ++logged;
    };
    client_settings.on_state = [told_of = client_settings.on_state](client_state now, const failure& why) {
        told_of(now, why);
        throw 42;
    };
    auto c = join_and_lose(manners::refuses);
    until_dialled(0, 3);
    sites[0].how = manners::serves;
    until_dialled(0, 4);
    BOOST_TEST(c.connected());
    leave(c);
    BOOST_TEST(logged == events.size());
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_introduce_itself_is_tried_again) {
    auto c = join_and_lose(manners::stays_mute);
    until_dialled(0, 3);
    BOOST_TEST(events.back() == "connecting hello_timeout");
    sites[0].how = manners::serves;
    until_dialled(0, 4);
    BOOST_TEST(c.connected());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_that_vanishes_without_a_word_is_found_out_and_looked_for_again) {
    client_settings.limits.ping_interval = 10s;
    client_settings.limits.missed_pings = 2;
    sites[0].how = manners::stays_mute;
    auto joining = begin_joining();
    raw_peer half_open(std::move(sites[0].mute_ends.at(0)), turns());
    half_open.greets();
    auto c = value_of(run(joining));
    sites[0].how = manners::refuses;
    const auto begin = clock.now();
    while (events.back() == "connected" && clock.advance_to_next()) settle();
    const auto lived = clock.now() - begin;
    BOOST_TEST((lived >= 25'500ms && lived <= 34'500ms));
    BOOST_TEST(events.at(2) == "waiting ping_timeout");
    open(0);
    until_dialled(0, 3);
    BOOST_TEST(c.connected());
    half_open.leaves();
    leave(c);
}

BOOST_AUTO_TEST_CASE(it_may_be_closed_while_it_is_connected) {
    open(0);
    auto c = join_sites(1);
    leave_for_good(c);
}

BOOST_AUTO_TEST_CASE(it_may_be_closed_while_it_dials) {
    auto c = join_and_lose(manners::hangs);
    leave_for_good(c);
}

BOOST_AUTO_TEST_CASE(it_may_be_closed_while_it_waits_for_a_hello) {
    auto c = join_and_lose(manners::stays_mute);
    leave_for_good(c);
}

BOOST_AUTO_TEST_CASE(it_may_be_closed_while_it_waits_for_the_next_round) {
    auto c = join_and_lose(manners::refuses);
    BOOST_TEST((c.state() == client_state::waiting));
    leave_for_good(c);
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_last_handle) {
    { auto c = join_and_lose(manners::refuses); }
    settle();
    BOOST_TEST(events.back() == "closed connection_closed");
}

BOOST_AUTO_TEST_CASE(who_connects_may_give_up_while_it_dials) {
    sites[0].how = manners::hangs;
    auto joining = begin_joining();
    joining.cancel();
    BOOST_TEST(outcome(run(joining)) == "cancelled");
    BOOST_TEST(events.back() == "closed cancelled");
}

BOOST_AUTO_TEST_CASE(who_connects_may_give_up_while_it_waits_for_a_hello) {
    sites[0].how = manners::stays_mute;
    auto joining = begin_joining();
    joining.cancel();
    BOOST_TEST(outcome(run(joining)) == "cancelled");
    BOOST_TEST(events.back() == "closed cancelled");
}

BOOST_AUTO_TEST_CASE(the_first_connect_does_not_wait_for_a_second_round) {
    BOOST_TEST(outcome(run([this] { return client::connect(dialers(2), client_settings); })) == "connect_failed");
    BOOST_TEST(sites[0].dialled.size() == 1U);
    BOOST_TEST(sites[1].dialled.size() == 1U);
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(over_tcp_a_server_that_starts_again_on_its_port_is_found) {
    make().on("echo", echo_task);
    start();
    settings.port = service->port();
    auto c = join_at("127.0.0.1:" + std::to_string(service->port()));
    service->stop();
    run_until([&] { return life->done(); });
    (void)value_of(run(*life));
    life.reset();
    run_until([&] { return c.state() == client_state::waiting && clock.alarms() != 0; });
    make().on("echo", echo_task);
    start();
    clock.advance(100ms);
    run_until([&] { return c.connected(); });
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "again")) == "again");
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
