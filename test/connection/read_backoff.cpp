#include "connection/read_backoff.hpp"

#include <boost/test/unit_test.hpp>

using echosocket::net::read_backoff;

namespace {

int waits_before_the_next_look(read_backoff& tested) {
    int waits = 0;
    while (!tested.worth_it()) ++waits;
    return waits;
}

BOOST_AUTO_TEST_SUITE(read_backoff)

BOOST_AUTO_TEST_CASE(a_new_connection_waits_at_first) {
    ::read_backoff tested;
    BOOST_TEST(waits_before_the_next_look(tested) == 15);
}

BOOST_AUTO_TEST_CASE(looks_go_on_while_they_find_something) {
    ::read_backoff tested;
    waits_before_the_next_look(tested);
    for (int i = 0; i < 3; ++i) {
        tested.looked(true);
        BOOST_TEST(tested.worth_it());
    }
}

BOOST_AUTO_TEST_CASE(looks_in_vain_grow_rare) {
    ::read_backoff tested;
    waits_before_the_next_look(tested);
    tested.looked(true);
    for (const int expected : {1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 4095}) {
        tested.looked(false);
        BOOST_TEST(waits_before_the_next_look(tested) == expected);
    }
}

BOOST_AUTO_TEST_CASE(a_look_that_found_something_ends_the_rarity) {
    ::read_backoff tested;
    waits_before_the_next_look(tested);
    for (int i = 0; i < 9; ++i) tested.looked(false);
    tested.looked(true);
    BOOST_TEST(tested.worth_it());
    tested.looked(false);
    BOOST_TEST(waits_before_the_next_look(tested) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
