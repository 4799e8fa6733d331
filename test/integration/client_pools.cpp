// Several connections used as one.
#include "integration/sites_fixture.hpp"

#include <echosocket/client_pool.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using counts = std::map<std::string, int>;

struct pool_fixture : sites_fixture {
    client_pool_config pool_settings;
    counts notified;

    pool_fixture() {
        prepare = [this](server& s) {
            auto* at =
                &*std::ranges::find_if(sites, [&s](const site& each) { return each.service && &*each.service == &s; });
            s.on_notify("note", [this, at] { ++notified[at->name]; });
            s.on("count", [](sink<int>& out) -> asio::awaitable<void> {
                for (int i = 0; i != 3; ++i) (void)co_await out.send(i);
            });
            s.on("session", [](task_context& call) { return static_cast<int>(call.peer().id()); });
        };
    }
    spawned<result<client_pool>> begin_joining(std::size_t count) {
        pool_settings.client = client_settings;
        auto joining = spawn([this, count] { return client_pool::connect(dialers(count), pool_settings); });
        settle();
        return joining;
    }
    client_pool join_pool(std::size_t count) { return value_of(run(begin_joining(count))); }
    void leave(client_pool& pool) {
        run([&] { return pool.close(); });
        BOOST_TEST(pool.connected() == 0U);
    }
    template <class T = void, class... Args>
    spawned<result<T>> begin_call(const client_pool& pool, const std::string& task, const Args&... args) {
        auto call = spawn([&] { return pool.call<T>(task, args...); });
        settle();
        return call;
    }
    /// How many of the calls each site answered.
    counts asked(const client_pool& pool, int calls) {
        counts all;
        for (int i = 0; i != calls; ++i) ++all[value_of(run(begin_call<std::string>(pool, "where")))];
        return all;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_pools, pool_fixture)

BOOST_AUTO_TEST_CASE(its_clients_spread_over_the_addresses_and_calls_over_its_clients) {
    open(0), open(1), open(2);
    pool_settings.size = 6;
    auto pool = join_pool(3);
    BOOST_TEST(pool.size() == 6U);
    BOOST_TEST(pool.connected() == 6U);
    for (std::size_t i = 0; i != 3; ++i) BOOST_TEST(sites[i].dialled.size() == 2U);
    BOOST_TEST((asked(pool, 12) == counts{{"site 0", 4}, {"site 1", 4}, {"site 2", 4}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(one_server_gets_all_of_them) {
    make().on("session", [](task_context& call) { return static_cast<int>(call.peer().id()); });
    start();
    pool_settings.size = 3;
    pool_settings.client = client_settings;
    auto pool = value_of(run([&] { return client_pool::connect(*service, pool_settings); }));
    std::map<int, int> sessions;
    for (int i = 0; i != 9; ++i) ++sessions[value_of(run(begin_call<int>(pool, "session")))];
    BOOST_TEST((sessions == std::map<int, int>{{1, 3}, {2, 3}, {3, 3}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(who_is_not_connected_is_passed_over_and_nobody_gets_twice_as_much_for_it) {
    open(0), open(1), open(2);
    pool_settings.size = 3;
    client_settings.reconnect.enabled = false;
    auto pool = join_pool(3);
    cut(1);
    BOOST_TEST(pool.connected() == 2U);
    BOOST_TEST((asked(pool, 12) == counts{{"site 0", 6}, {"site 2", 6}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(the_least_loaded_one_is_taken) {
    open(0), open(1);
    pool_settings.size = 2;
    pool_settings.choice = choice::least_loaded;
    auto pool = join_pool(2);
    auto one = begin_call<int>(pool, "sleep", 100);
    auto two = begin_call<int>(pool, "sleep", 500);
    BOOST_TEST((asked(pool, 4) == counts{{"site 0", 2}, {"site 1", 2}}));
    pass(100ms);
    BOOST_TEST(value_of(run(one)) == 100);
    BOOST_TEST((asked(pool, 5) == counts{{"site 0", 5}}));
    pass(400ms);
    BOOST_TEST(value_of(run(two)) == 500);
    BOOST_TEST((asked(pool, 4) == counts{{"site 0", 2}, {"site 1", 2}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(calls_that_are_not_yet_awaited_and_streams_count_until_they_are_gone) {
    open(0), open(1);
    pool_settings.size = 2;
    pool_settings.choice = choice::least_loaded;
    auto pool = join_pool(2);
    {
        auto unawaited = pool.call<std::string>("where");
        BOOST_TEST((asked(pool, 3) == counts{{"site 1", 3}}));
    }
    {
        auto stream = pool.open<void, void, int>("count");
        const auto before = asked(pool, 3);
        BOOST_TEST(before.size() == 1U);
        const auto in = stream.in();
        for (int i = 0; i != 3; ++i) BOOST_TEST(value_of(run([&] { return in.next(); })).value() == i);
        BOOST_TEST(!value_of(run([&] { return in.next(); })));
        BOOST_TEST(outcome(run([&] { return stream.reply(); })) == "ok");
    }
    settle();
    BOOST_TEST((asked(pool, 4) == counts{{"site 0", 2}, {"site 1", 2}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(a_call_that_was_given_up_counts_no_more) {
    open(0), open(1);
    pool_settings.size = 2;
    pool_settings.choice = choice::least_loaded;
    auto pool = join_pool(2);
    auto call = begin_call<int>(pool, "sleep", 500);
    call.cancel();
    BOOST_TEST(outcome(run(call)) == "cancelled");
    BOOST_TEST((asked(pool, 4) == counts{{"site 0", 2}, {"site 1", 2}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(a_client_that_loses_its_server_moves_to_another_one) {
    open(0), open(1);
    pool_settings.size = 2;
    auto pool = join_pool(2);
    shut(0);
    BOOST_TEST(pool.connected() == 2U);
    BOOST_TEST((asked(pool, 4) == counts{{"site 1", 4}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(where_none_is_connected_calls_wait_and_the_rest_fails) {
    open(0);
    pool_settings.size = 2;
    auto pool = join_pool(1);
    shut(0);
    BOOST_TEST(pool.connected() == 0U);
    auto call = begin_call<std::string>(pool, "where");
    BOOST_TEST(!call.done());
    BOOST_TEST(outcome(pool.notify("note")) == "connection_lost");
    open(0);
    BOOST_TEST(value_of(run_in_virtual_time(call)) == "site 0");
    leave(pool);
}

BOOST_AUTO_TEST_CASE(notifications_go_one_after_the_other_too) {
    open(0), open(1);
    pool_settings.size = 2;
    auto pool = join_pool(2);
    for (int i = 0; i != 6; ++i) BOOST_TEST(outcome(pool.notify("note")) == "ok");
    settle();
    BOOST_TEST((notified == counts{{"site 0", 3}, {"site 1", 3}}));
    leave(pool);
}

BOOST_AUTO_TEST_CASE(those_that_could_not_connect_go_on_trying) {
    open(0);
    settings.max_connections = 1;
    shut(0), open(0);
    pool_settings.size = 3;
    auto pool = join_pool(1);
    BOOST_TEST(pool.connected() == 1U);
    BOOST_TEST((asked(pool, 3) == counts{{"site 0", 3}}));
    settings.max_connections = 10;
    shut(0), open(0);
    pass(2s);
    BOOST_TEST(pool.connected() == 3U);
    leave(pool);
}

BOOST_AUTO_TEST_CASE(where_none_could_connect_there_is_no_pool) {
    pool_settings.size = 3;
    BOOST_TEST(outcome(run(begin_joining(2))) == "connect_failed");
    const auto dialled = sites[0].dialled.size();
    BOOST_TEST(dialled == 3U);
    pass(5s);
    BOOST_TEST(sites[0].dialled.size() == dialled);
}

BOOST_AUTO_TEST_CASE(clients_that_do_not_come_back_must_all_connect) {
    client_settings.reconnect.enabled = false;
    settings.max_connections = 2;
    open(0);
    pool_settings.size = 3;
    BOOST_TEST(outcome(run(begin_joining(1))) == "refused");
    pass(1s);
    BOOST_TEST(run([&] { return sites[0].service->stats(); }).connections == 0U);
}

BOOST_AUTO_TEST_CASE(who_connects_may_give_up) {
    open(0);
    sites[1].how = manners::hangs;
    pool_settings.size = 2;
    auto joining = begin_joining(2);
    BOOST_TEST(!joining.done());
    joining.cancel();
    BOOST_TEST(outcome(run(joining)) == "cancelled");
    pass(1s);
    BOOST_TEST(run([&] { return sites[0].service->stats(); }).connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_closed_one_ends_its_calls_and_an_empty_one_has_none) {
    open(0);
    auto pool = join_pool(1);
    auto call = begin_call<int>(pool, "sleep", 500);
    leave(pool);
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    BOOST_TEST(outcome(run(begin_call<std::string>(pool, "where"))) == "connection_closed");

    echosocket::client_pool empty;
    BOOST_TEST(empty.size() == 0U);
    BOOST_TEST(outcome(run(begin_call<int>(empty, "sleep", 1))) == "connection_closed");
    BOOST_TEST(outcome(empty.notify("note")) == "connection_lost");
    run([&] { return empty.close(); });
}

BOOST_AUTO_TEST_CASE(it_closes_with_its_last_handle) {
    open(0);
    {
        const auto pool = join_pool(1);
        const auto copy = pool;
        BOOST_TEST(copy.connected() == 4U);
    }
    settle();
    BOOST_TEST(run([&] { return sites[0].service->stats(); }).connections == 0U);
}

BOOST_AUTO_TEST_CASE(a_size_out_of_range_is_a_mistake) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{10'001}}) {
        pool_settings.size = size;
        BOOST_CHECK_THROW((void)client_pool::connect(dialers(1), pool_settings), usage_error);
    }
    pool_settings.size = 1;
    BOOST_TEST(outcome(run([&] { return client_pool::connect(std::vector<dialer>(), pool_settings); })) ==
               "invalid_address");
    BOOST_TEST(outcome(run([&] { return client_pool::connect("nowhere", pool_settings); })) == "invalid_address");
}

BOOST_AUTO_TEST_SUITE_END()
