// The credit of notifications: both accounts, and that together they never stall.
#include "protocol/notify_credit.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <deque>

using namespace echosocket::protocol;

BOOST_AUTO_TEST_SUITE(notify_credit)

BOOST_AUTO_TEST_CASE(nothing_may_be_sent_before_the_receiver_has_said_how_much) {
    notify_send_credit credit;
    BOOST_TEST(!credit.is_left());
    credit.open(1024);
    BOOST_TEST(credit.is_left());
}

BOOST_AUTO_TEST_CASE(the_last_one_may_cost_more_than_is_left) {
    notify_send_credit credit;
    credit.open(1024);
    credit.spend(1023);
    BOOST_TEST(credit.is_left());
    credit.spend(500);
    BOOST_TEST(!credit.is_left());
    BOOST_TEST(credit.grant(499));
    BOOST_TEST(!credit.is_left());
    BOOST_TEST(credit.grant(1));
    BOOST_TEST(credit.is_left());
}

BOOST_AUTO_TEST_CASE(credit_never_exceeds_the_largest_there_is) {
    notify_send_credit credit;
    credit.open(max_credit - 1);
    BOOST_TEST(credit.grant(1));
    BOOST_TEST(!credit.grant(1));
    BOOST_TEST(!credit.grant(UINT32_MAX));
    credit.spend(max_credit);
    BOOST_TEST(!credit.is_left());
    BOOST_TEST(credit.grant(1));
    credit.spend(max_credit);
    BOOST_TEST(credit.grant(max_credit - 1));
    BOOST_TEST(!credit.is_left());
    BOOST_TEST(credit.grant(1));
    BOOST_TEST(credit.is_left());
}

BOOST_AUTO_TEST_CASE(a_notification_costs_its_meta_and_body_and_what_it_takes_to_keep_it) {
    BOOST_TEST(notification_cost(0, 0) == 128U);
    BOOST_TEST(notification_cost(8, 100) == 236U);
    BOOST_TEST(notification_cost(8, std::size_t{1} << 33) == max_credit);
}

BOOST_AUTO_TEST_CASE(a_receiver_takes_what_comes_while_something_is_left) {
    notify_receive_credit credit;
    BOOST_TEST(credit.take(1024, 1023));
    BOOST_TEST(credit.take(1024, max_credit));
    BOOST_TEST(!credit.take(1024, 1));
    credit.handled(max_credit);
    BOOST_TEST(credit.take(1024, 1));
    BOOST_TEST(!credit.take(1024, 1));
    credit.handled(1);
    credit.handled(1023);
    BOOST_TEST(credit.is_idle());
}

BOOST_AUTO_TEST_CASE(credit_comes_back_in_halves_and_is_not_left_before_it_was_given) {
    notify_receive_credit credit;
    for (int i = 0; i != 4; ++i) BOOST_TEST(credit.take(1024, 256));
    credit.handled(256);
    credit.hold_back(256);
    BOOST_TEST(!credit.is_due(1024));
    BOOST_TEST(!credit.take(1024, 1));
    credit.handled(256);
    credit.hold_back(256);
    BOOST_TEST(credit.is_due(1024));
    BOOST_TEST(!credit.take(1024, 1));
    BOOST_TEST(credit.give_back() == 512U);
    BOOST_TEST(!credit.is_due(1024));
    BOOST_TEST(credit.take(1024, 1));
}

BOOST_AUTO_TEST_CASE(both_ends_agree_and_never_stall) {
    constexpr std::uint32_t window = 1024;
    notify_send_credit sender;
    notify_receive_credit receiver;
    sender.open(window);
    std::deque<std::uint32_t> waiting;
    std::uint32_t next = 1;
    for (int step = 0; step != 10'000; ++step) {
        next = next * 1'103'515'245U + 12'345U;
        const auto cost = notification_cost(10, (next >> 16U) % 3000U);
        if (sender.is_left()) {
            sender.spend(cost);
            BOOST_REQUIRE(receiver.take(window, cost));
            waiting.push_back(cost);
        } else {
            BOOST_REQUIRE(!receiver.take(window, 1));
            BOOST_REQUIRE(!waiting.empty());
            receiver.handled(waiting.front());
            receiver.hold_back(waiting.front());
            waiting.pop_front();
            if (receiver.is_due(window)) BOOST_REQUIRE(sender.grant(receiver.give_back()));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
