// The credit of a stream: both accounts, and that together they never stall.
#include "protocol/stream_credit.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>

using namespace echosocket::protocol;

BOOST_AUTO_TEST_SUITE(stream_credit)

BOOST_AUTO_TEST_CASE(nothing_may_be_sent_before_the_receiver_has_said_how_much) {
    send_credit credit;
    BOOST_TEST(!credit.covers(1));
    credit.open(100);
    BOOST_TEST(credit.covers(1));
}

BOOST_AUTO_TEST_CASE(a_sender_may_spend_its_window_to_the_last_byte) {
    send_credit credit;
    credit.open(100);
    BOOST_TEST((credit.covers(100) && !credit.covers(101)));
    credit.spend(60);
    BOOST_TEST((credit.covers(40) && !credit.covers(41)));
    credit.spend(40);
    BOOST_TEST(!credit.covers(1));
    BOOST_TEST(credit.grant(30));
    BOOST_TEST((credit.covers(30) && !credit.covers(31)));
}

BOOST_AUTO_TEST_CASE(credit_never_exceeds_the_largest_there_is) {
    send_credit credit;
    credit.open(max_credit - 1);
    BOOST_TEST(credit.grant(1));
    BOOST_TEST(!credit.grant(1));
    BOOST_TEST(!credit.grant(UINT32_MAX));
    BOOST_TEST(credit.covers(max_credit));
    credit.spend(10);
    BOOST_TEST(!credit.grant(11));
    BOOST_TEST(credit.grant(10));
}

BOOST_AUTO_TEST_CASE(the_largest_item_is_half_of_the_window) {
    send_credit credit;
    credit.open(4096);
    BOOST_TEST(credit.largest_item() == 2048U);
    BOOST_TEST(credit.grant(100'000));
    BOOST_TEST(credit.largest_item() == 2048U);
}

BOOST_AUTO_TEST_CASE(an_item_that_was_not_paid_for_is_noticed) {
    receive_credit credit(100);
    BOOST_TEST(credit.take(70));
    BOOST_TEST(!credit.take(31));
    BOOST_TEST(credit.take(30));
    BOOST_TEST(!credit.take(1));
}

BOOST_AUTO_TEST_CASE(credit_comes_back_in_few_grants_and_at_half_a_window_at_the_latest) {
    receive_credit credit(1000);
    std::size_t consumed = 0;
    std::size_t granted = 0;
    std::size_t grants = 0;
    for (int i = 0; i != 1000; ++i) {
        BOOST_TEST_REQUIRE(credit.take(10));
        consumed += 10;
        const auto grant = credit.consumed(10);
        granted += grant;
        grants += grant == 0 ? 0 : 1;
        BOOST_TEST_REQUIRE(granted <= consumed);
        BOOST_TEST_REQUIRE(consumed - granted < 500U);
    }
    BOOST_TEST(grants <= 40U);
}

BOOST_AUTO_TEST_CASE(what_was_granted_may_be_taken_and_no_more) {
    receive_credit credit(1000);
    BOOST_TEST(credit.take(400));
    const auto grant = credit.consumed(400);
    BOOST_TEST(grant == 400U);
    BOOST_TEST(credit.take(1000));
    BOOST_TEST(!credit.take(1));
}

BOOST_AUTO_TEST_CASE(items_of_any_permitted_size_flow_for_ever) {
    for (const std::uint32_t window : {64U, 4096U, 4097U, 262'144U}) {
        send_credit sender;
        sender.open(window);
        receive_credit receiver(window);
        std::deque<std::size_t> under_way;
        std::size_t bytes_under_way = 0;
        std::uint32_t seed = window;
        for (int sent = 0; sent != 2000;) {
            seed = seed * 1664525U + 1013904223U;
            const std::size_t cost = 1 + (seed >> 8) % sender.largest_item();
            while (!sender.covers(cost)) {
                BOOST_TEST_REQUIRE(!under_way.empty(), "both wait for each other with a window of " << window);
                const auto grant = receiver.consumed(under_way.front());
                bytes_under_way -= under_way.front();
                under_way.pop_front();
                if (grant != 0) BOOST_TEST_REQUIRE(sender.grant(grant));
            }
            sender.spend(cost);
            BOOST_TEST_REQUIRE(receiver.take(cost));
            under_way.push_back(cost);
            bytes_under_way += cost;
            BOOST_TEST_REQUIRE(bytes_under_way <= window);
            ++sent;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
