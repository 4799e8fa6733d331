#include "protocol/token_bucket.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket;
using namespace std::chrono_literals;

namespace {

using time_point = protocol::token_bucket::time_point;

int take_all(protocol::token_bucket& bucket, time_point now) {
    int taken = 0;
    while (bucket.take(now)) ++taken;
    return taken;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(token_bucket)

BOOST_AUTO_TEST_CASE(its_capacity_can_be_taken_at_once) {
    protocol::token_bucket bucket(1000, 33);
    BOOST_TEST(take_all(bucket, time_point(5s)) == 1000);
    BOOST_TEST(!bucket.take(time_point(5s)));
}

BOOST_AUTO_TEST_CASE(tokens_come_back_with_time) {
    protocol::token_bucket bucket(10, 4);
    take_all(bucket, time_point(5s));
    BOOST_TEST(!bucket.take(time_point(5s + 249ms)));
    BOOST_TEST(bucket.take(time_point(5s + 250ms)));
    BOOST_TEST(!bucket.take(time_point(5s + 250ms)));
    BOOST_TEST(take_all(bucket, time_point(6s + 250ms)) == 4);
}

BOOST_AUTO_TEST_CASE(they_come_back_up_to_its_capacity) {
    protocol::token_bucket bucket(10, 4);
    take_all(bucket, time_point(5s));
    BOOST_TEST(take_all(bucket, time_point(24h)) == 10);
}

BOOST_AUTO_TEST_CASE(many_small_steps_bring_as_much_as_a_large_one) {
    protocol::token_bucket bucket(1000, 33);
    take_all(bucket, time_point(5s));
    int taken = 0;
    for (int step = 1; step <= 10'000; ++step)
        if (bucket.take(time_point(5s + step * 1ms))) ++taken;
    BOOST_TEST(taken >= 329);
    BOOST_TEST(taken <= 330);
}

BOOST_AUTO_TEST_CASE(the_clock_may_begin_at_zero) {
    protocol::token_bucket bucket(2, 1);
    BOOST_TEST(take_all(bucket, time_point()) == 2);
    BOOST_TEST(bucket.take(time_point(1s)));
    BOOST_TEST(!bucket.take(time_point(1s)));
}

BOOST_AUTO_TEST_CASE(a_time_before_the_last_one_takes_nothing_away) {
    protocol::token_bucket bucket(2, 1);
    BOOST_TEST(bucket.take(time_point(10s)));
    BOOST_TEST(bucket.take(time_point(5s)));
}

BOOST_AUTO_TEST_SUITE_END()
