// Which log lines are written when a peer brings about thousands.
#include "connection/log_limits.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket;
using namespace echosocket::net;
using namespace std::chrono_literals;

namespace {

using kind = net::log_limits::kind;

std::size_t admitted_of(net::log_limits& limits, std::size_t lines, time_point now, kind which = kind::task_threw) {
    std::size_t admitted = 0;
    for (std::size_t i = 0; i != lines; ++i) admitted += limits.admit(which, now) ? 1 : 0;
    return admitted;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_limits)

BOOST_AUTO_TEST_CASE(a_few_lines_go_out_at_once_and_one_more_each_second) {
    net::log_limits limits;
    BOOST_TEST(admitted_of(limits, 1000, time_point(5s)) == 20U);
    BOOST_TEST(admitted_of(limits, 1000, time_point(5900ms)) == 0U);
    BOOST_TEST(admitted_of(limits, 1000, time_point(6s)) == 1U);
    BOOST_TEST(admitted_of(limits, 1000, time_point(9s)) == 3U);
}

BOOST_AUTO_TEST_CASE(the_next_line_knows_how_many_were_withheld) {
    net::log_limits limits;
    BOOST_TEST((limits.admit(kind::task_threw, time_point(5s)) == 0U));
    (void)admitted_of(limits, 119, time_point(5s));
    BOOST_TEST((limits.admit(kind::task_threw, time_point(6s)) == 100U));
    BOOST_TEST((limits.admit(kind::task_threw, time_point(7s)) == 0U));
    BOOST_TEST(limits.take_withheld(kind::task_threw) == 0U);
}

BOOST_AUTO_TEST_CASE(what_no_line_told_of_can_be_asked_for_once) {
    net::log_limits limits;
    (void)admitted_of(limits, 25, time_point(5s));
    BOOST_TEST(limits.take_withheld(kind::task_threw) == 5U);
    BOOST_TEST(limits.take_withheld(kind::task_threw) == 0U);
}

BOOST_AUTO_TEST_CASE(lines_of_one_kind_do_not_drown_those_of_another) {
    net::log_limits limits;
    (void)admitted_of(limits, 1000, time_point(5s), kind::task_threw);
    BOOST_TEST(admitted_of(limits, 1, time_point(5s), kind::callback_threw) == 1U);
}

BOOST_AUTO_TEST_CASE(every_kind_has_a_name) {
    for (std::size_t i = 0; i != net::log_limits::kinds; ++i) BOOST_TEST(name_of(static_cast<kind>(i)) != "unknown");
    BOOST_TEST(name_of(static_cast<kind>(net::log_limits::kinds)) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
