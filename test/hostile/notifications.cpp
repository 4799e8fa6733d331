#include "support/allocation_count.hpp"
#include "support/hostile_fixture.hpp"

#include "wire/meta.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::string notify(std::string_view meta, std::string_view body = {}, std::uint32_t id = 0, std::uint8_t flags = 0) {
    return raw::bytes_of({raw::frame_kind::notify, flags, id, std::string(meta), std::string(body)});
}
std::string named(std::string_view topic) {
    return raw::meta({.name = topic});
}
std::string many(std::string_view frame, int count) {
    std::string all;
    for (int i = 0; i != count; ++i) all += frame;
    return all;
}

/// A server with notification handlers, and the warnings of its log.
struct notified_fixture : hostile_fixture {
    std::size_t handled = 0;
    std::size_t cancelled = 0;
    std::vector<std::string> warnings;

    notified_fixture() {
        config.log = [this](log_level level, std::string_view text) {
            if (level >= log_level::warning) warnings.emplace_back(text);
        };
        prepare = [this](server& prepared) {
            prepared.on_notify("number", [this](int) { ++handled; });
            prepared.on_notify("for ever", [this](task_context& call) -> asio::awaitable<void> {
                ++handled;
                try {
                    co_await call.sleep_for(24h);
                } catch (const boost::system::system_error&) {
                    ++cancelled;
                    throw;
                }
            });
        };
    }
    ~notified_fixture() { finish(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notifications, notified_fixture)

BOOST_AUTO_TEST_CASE(a_flood_that_nobody_listens_to_costs_nothing) {
    auto attacker = connect();
    attacker.greets();
    const auto flood = many(notify(named("noise"), std::string(100, 'n')), 1000);
    const allocation_watch watch;
    for (int i = 0; i != 50; ++i) attacker.sends(flood);
    BOOST_TEST(watch.peak() < 1024U * 1024U);
    attacker.expects_nothing();
    BOOST_TEST(stats().notifications_in == 50'000U);
    BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_what_fits_is_handled_as_it_comes) {
    auto attacker = connect();
    attacker.greets();
    const auto flood = many(notify(named("number"), "7"), 1000);
    for (int i = 0; i != 20; ++i) attacker.sends(flood);
    BOOST_TEST(handled == 20'000U);
    attacker.expects_nothing();
}

BOOST_AUTO_TEST_CASE(a_flood_of_what_does_not_fit_does_not_fill_the_log) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(many(notify(named("number"), "seven"), 2000));
    attacker.expects_nothing();
    BOOST_TEST(handled == 0U);
    BOOST_REQUIRE(warnings.size() == 1U);
    BOOST_TEST(warnings.front().find("number") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_flood_behind_a_handler_that_waits_is_bounded) {
    config.limits.handling_queue = 64 * 1024;
    auto attacker = connect();
    attacker.greets();
    attacker.sends(notify(named("for ever")));
    const auto flood = many(notify(named("number"), "7"), 1000) + many(notify(named("for ever")), 1000);
    const allocation_watch watch;
    for (int i = 0; i != 20; ++i) attacker.sends(flood);
    BOOST_TEST(watch.peak() < 1024U * 1024U);
    BOOST_TEST(handled == 1U);
    BOOST_TEST(stats().dropped > 39'000U);
    BOOST_TEST(warnings.size() == 1U, "one line for all of them");
    attacker.expects_nothing();
    attacker.leaves();
    BOOST_TEST(cancelled == 1U);
    BOOST_TEST(attackers() == 0U);
}

BOOST_AUTO_TEST_CASE(a_flood_beyond_the_credit_that_was_agreed_on_ends_the_connection) {
    config.limits.handling_queue = 64 * 1024;
    auto attacker = connect();
    attacker.greets({.name = "evil", .notify_credit = 1024});
    attacker.sends(notify(named("for ever")));
    const auto flood = many(notify(named("number"), "7"), 100);
    for (int i = 0; i != 4; ++i) attacker.sends(flood);
    attacker.expects_nothing();
    attacker.sends(flood);
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
    BOOST_TEST(handled == 1U);
    BOOST_TEST(cancelled == 1U);
}

BOOST_AUTO_TEST_CASE(credit_beyond_all_bounds_ends_the_connection) {
    auto attacker = connect();
    attacker.greets({.name = "evil", .notify_credit = 1024});
    attacker.sends(raw::credit(0, 0x7fffffff - 1024));
    attacker.expects_nothing();
    attacker.sends(raw::credit(0, 1));
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(a_meta_that_can_not_be_read_ends_the_connection) {
    const std::string cut("\x01\x04\x00noi", 6);
    const std::string empty_name("\x01\x00\x00", 3);
    const std::string odd_type("\x01\x01\x00n\x07\x02\x00\x01\x01", 9);
    for (const auto& meta : {cut, empty_name, odd_type}) {
        auto attacker = connect();
        attacker.greets();
        attacker.sends(notify(meta, "7"));
        attacker.expects_the_end_because(errc::protocol_error);
    }
    expect_closed(errc::protocol_error, 3);
}

BOOST_AUTO_TEST_CASE(names_that_are_none_are_dropped_without_a_word) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(notify({}, "7") + notify(named("num\xff"), "7"));
    attacker.expects_nothing();
    attacker.sends(notify(named("number"), "7"));
    BOOST_TEST(handled == 1U);
    BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(one_in_pieces_needs_an_id) {
    auto attacker = connect();
    attacker.greets();
    attacker.sends(notify(named("number"), "7", 0, raw::more));
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
    BOOST_TEST(handled == 0U);
}

BOOST_AUTO_TEST_CASE(a_fifth_that_is_unfinished_ends_the_connection) {
    auto attacker = connect();
    attacker.greets();
    for (std::uint32_t id = 1; id != 5; ++id) attacker.sends(notify(named("number"), "7", id, raw::more));
    attacker.expects_nothing();
    attacker.sends(notify(named("number"), "7", 5, raw::more));
    attacker.expects_the_end_because(errc::protocol_error);
    expect_closed(errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(one_that_is_too_large_is_dropped_and_the_next_is_handled) {
    config.limits.max_frame = config.limits.max_message = 16 * 1024;
    auto attacker = connect();
    attacker.greets();
    const std::string piece(16 * 1024, '7');
    for (int i = 0; i != 100; ++i) attacker.sends(notify(i == 0 ? named("number") : "", piece, 1, raw::more));
    attacker.sends(notify({}, "7", 1));
    BOOST_TEST(handled == 0U);
    attacker.sends(notify(named("number"), "7"));
    BOOST_TEST(handled == 1U);
    attacker.expects_nothing();
}

BOOST_AUTO_TEST_CASE(nothing_is_heard_before_the_greeting) {
    auto attacker = connect();
    attacker.sends(notify(named("number"), "7"));
    attacker.expects_the_end();
    expect_closed(errc::not_echosocket);
    BOOST_TEST(handled == 0U);
}

BOOST_AUTO_TEST_CASE(joins_by_the_million_end_at_the_bound) {
    config.limits.max_groups = 100;
    config.may_subscribe = [](const peer&, std::string_view) -> result<void> { return {}; };
    auto attacker = connect();
    attacker.greets();
    int name = 0;
    const auto names = [&name](int count) {
        std::string list;
        for (int i = 0; i != count; ++i) list += (i == 0 ? "[\"t" : ",\"t") + std::to_string(name++) + '"';
        return list + ']';
    };
    attacker.sends(raw::request(1, "$subscribe", names(100'000)));
    (void)attacker.expects_error(1, errc::bad_request);
    BOOST_TEST(stats().groups == 0U);
    attacker.sends(raw::request(1, "$subscribe", names(100)));
    attacker.expects_reply(1, "");
    BOOST_TEST(stats().groups == 100U);

    const allocation_watch watch;
    for (int i = 0; i != 900; ++i) {
        attacker.sends(raw::request(1, "$subscribe", names(10)));
        (void)attacker.expects_error(1, errc::overloaded);
    }
    BOOST_TEST(watch.peak() < 256U * 1024U, "what was refused is forgotten");
    attacker.sends(raw::request(1, "$unsubscribe", names(100'000)));
    (void)attacker.expects_error(1, errc::bad_request);
    BOOST_TEST(stats().groups == 100U);
    for (int i = 0; i != 98; ++i) {
        attacker.sends(raw::request(1, "$subscribe", names(10)));
        (void)attacker.expects_error(1, errc::overloaded);
    }
    attacker.sends(raw::request(1, "$subscribe", names(10)));
    attacker.expects_the_end_at_last_because(errc::abusive);
    expect_closed(errc::abusive);
    BOOST_TEST(stats().groups == 0U);
}

BOOST_AUTO_TEST_CASE(subscriptions_that_are_not_allowed_are_abusive_at_last) {
    auto attacker = connect();
    attacker.greets();
    for (int i = 0; i != 1000; ++i) attacker.sends(raw::request(1, "$subscribe", R"(["secret"])"));
    attacker.forgets();
    attacker.sends(raw::request(1, "$subscribe", R"(["secret"])"));
    attacker.expects_the_end_at_last_because(errc::abusive);
    BOOST_TEST(stats().groups == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
