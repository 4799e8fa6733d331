// Peers that read their notifications, and take their time to handle them.
#include "integration/service_fixture.hpp"

#include <map>
#include <string>
#include <utility>

using namespace echosocket;
using namespace echosocket::test;

namespace {

using prices = std::map<std::string, int>;

asio::awaitable<void> never_done(task_context& call, std::string, int) {
    co_await call.sleep_for(1h);
}

struct slow_handlers_fixture : service_fixture {
    peer there;  ///< The client, as the server knows it.
    prices latest;
    int handled = 0;

    /// Handles a price in 1 ms.
    auto slowly() {
        return [this](task_context& call, std::string share, int price) -> asio::awaitable<void> {
            co_await call.sleep_for(1ms);
            latest[share] = price;
            ++handled;
        };
    }
    void serve() {
        service->on_connect([this](const peer& who) -> result<void> {
            there = who;
            return {};
        });
        start();
    }
    /// Tells prices faster than they are handled; what the last ones were.
    template <class End>
    prices tell(const End& whom, int count) {
        prices last;
        for (int i = 0; i != count; ++i) {
            const std::string share(i % 3 == 0 ? "ABC" : i % 3 == 1 ? "DEF" : "GHI");
            notify_options options;
            options.key = share;
            BOOST_TEST(outcome(whom.notify(options, "price", share, i)) == "ok");
            last[share] = i;
            if (i % 10 == 0) settle();
        }
        settle();
        return last;
    }
    void pass_until_known(const prices& wanted) {
        for (int step = 0; latest != wanted && step != 10'000; ++step) {
            (void)clock.advance_to_next();
            settle();
        }
        BOOST_TEST((latest == wanted));
    }
    std::string outcome_of_end(const client& of) {
        return std::string(name_of(run([&] { return of.closed(); }).code));
    }
    auto drain(client& of) {
        return spawn([&] { return of.drain(); });
    }
    ~slow_handlers_fixture() { there = {}; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(slow_handlers, slow_handlers_fixture)

BOOST_AUTO_TEST_CASE(the_latest_of_each_key_reaches_a_client_with_a_slow_handler) {
    make().topic("price", {.policy = overflow::keep_latest});
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 64 * 1024;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    pass_until_known(tell(there, 5000));
    BOOST_TEST(handled > 400);
    BOOST_TEST(handled < 1000);
    BOOST_TEST(there.info().dropped == 5000U - static_cast<unsigned>(handled));
    BOOST_TEST(guest.peer().info().dropped == 0U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(the_latest_of_each_key_reaches_a_server_with_a_slow_handler) {
    settings.limits.handling_queue = 64 * 1024;
    client_settings.notifications = {.policy = overflow::keep_latest};
    make().on_notify("price", slowly());
    serve();
    auto guest = join();
    pass_until_known(tell(guest, 5000));
    BOOST_TEST(handled < 1000);
    BOOST_TEST(guest.peer().info().dropped == 5000U - static_cast<unsigned>(handled));
    BOOST_TEST(stats().dropped == 0U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(nothing_gives_way_while_the_rules_have_room) {
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 4096;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    pass_until_known(tell(there, 1000));
    BOOST_TEST(handled == 1000);
    BOOST_TEST(stats().dropped == 0U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(a_handler_too_slow_for_the_rules_ends_the_connection_and_is_told_why) {
    settings.notifications = {.policy = overflow::close, .max_frames = 20};
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 4096;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    for (int i = 0; i != 100; ++i) (void)there.notify("price", "ABC", i);
    settle();
    BOOST_TEST((run([&] { return guest.closed(); }).code == errc::slow_consumer));
    BOOST_TEST(!there.connected());
    BOOST_TEST(stats().closed.at("slow_consumer") == 1U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_still_sends_what_waits_for_credit) {
    settings.limits.handling_queue = 4096;
    make().on_notify("n", [this](std::string_view) { ++handled; });
    serve();
    auto guest = join();
    for (int i = 0; i != 500; ++i) BOOST_TEST(outcome(guest.notify("n", std::string(1000, ' '))) == "ok");
    leave(guest);
    BOOST_TEST(handled == 500);
}

BOOST_AUTO_TEST_CASE(a_new_connection_begins_with_credit_of_its_own) {
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 1024;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    (void)tell(there, 50);
    leave(guest);
    settle();
    handled = 0;
    auto another = join(with);
    pass_until_known(tell(there, 5));
    BOOST_TEST(handled == 5);
    leave(another);
}

BOOST_AUTO_TEST_CASE(a_stop_waits_until_what_clients_had_been_told_is_on_its_way) {
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 1024;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    const auto last = tell(there, 100);
    BOOST_TEST(handled == 0);
    const auto report = stop();
    BOOST_TEST((report.closed == 0U && report.took < 100ms));
    pass_until_known(last);
    BOOST_TEST(handled == 100);
    BOOST_TEST(outcome_of_end(guest) == "shutting_down");
}

BOOST_AUTO_TEST_CASE(a_stop_waits_until_what_clients_had_told_is_handled) {
    settings.limits.handling_queue = 1024;
    make().on_notify("price", slowly());
    serve();
    auto guest = join();
    const auto last = tell(guest, 100);
    BOOST_TEST(handled == 0);
    const auto report = stop();
    BOOST_TEST((report.closed == 0U && report.took == 100ms));
    BOOST_TEST(handled == 100);
    BOOST_TEST((latest == last));
    BOOST_TEST(outcome_of_end(guest) == "shutting_down");
}

BOOST_AUTO_TEST_CASE(a_client_that_drains_waits_for_what_it_has_told) {
    settings.limits.handling_queue = 1024;
    make().on_notify("price", slowly());
    serve();
    auto guest = join();
    const auto last = tell(guest, 100);
    const auto report = run_in_virtual_time(drain(guest));
    BOOST_TEST((report.closed == 0U && report.took < 100ms));
    pass_until_known(last);
    BOOST_TEST(handled == 100);
}

BOOST_AUTO_TEST_CASE(a_client_that_drains_handles_what_it_had_been_told) {
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 1024;
    with.handlers.on_notify("price", slowly());
    auto guest = join(with);
    const auto last = tell(there, 100);
    const auto report = run_in_virtual_time(drain(guest));
    BOOST_TEST((report.closed == 0U && report.took == 100ms));
    BOOST_TEST((latest == last));
    BOOST_TEST(handled == 100);
}

BOOST_AUTO_TEST_CASE(a_handler_that_is_too_slow_holds_no_stop_for_longer_than_the_drain) {
    settings.drain_timeout = 4s;
    make();
    serve();
    auto with = client_settings;
    with.limits.handling_queue = 1024;
    with.handlers.on_notify("price", never_done);
    auto guest = join(with);
    (void)tell(there, 100);
    const auto report = stop();
    BOOST_TEST((report.closed == 0U && report.took == 4s));
    BOOST_TEST(there.info().dropped > 80U);
    leave(guest);
}

BOOST_AUTO_TEST_CASE(a_drain_that_handles_too_slowly_takes_no_longer_however_much_still_comes) {
    settings.drain_timeout = 4s;
    settings.limits.handling_queue = 1024;
    make().on_notify("price", never_done);
    serve();
    auto guest = join();
    (void)tell(guest, 100);
    const auto report = stop();
    BOOST_TEST((report.closed == 0U && report.took == 4s));
    BOOST_TEST(outcome_of_end(guest) == "shutting_down");
}

BOOST_AUTO_TEST_SUITE_END()
