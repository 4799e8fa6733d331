#include "protocol/liveness.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket;
using namespace std::chrono_literals;

namespace {

using verdict = protocol::liveness::verdict;

constexpr protocol::liveness::time_point at(std::chrono::milliseconds when) {
    return protocol::liveness::time_point(1h + when);
}

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(verdict)

BOOST_AUTO_TEST_SUITE(liveness)

BOOST_AUTO_TEST_CASE(silence_is_answered_with_pings_and_these_with_the_end) {
    protocol::liveness line(at(0s), 30s, 2, 0s);
    BOOST_TEST((line.next_check() == at(30s)));
    BOOST_TEST(line.check(at(29s)) == verdict::fine);
    BOOST_TEST(line.check(at(30s)) == verdict::send_ping);
    BOOST_TEST(line.check(at(30s)) == verdict::fine);
    BOOST_TEST((line.next_check() == at(60s)));
    BOOST_TEST(line.check(at(60s)) == verdict::send_ping);
    BOOST_TEST(line.check(at(89s)) == verdict::fine);
    BOOST_TEST(line.check(at(90s)) == verdict::lost);
}

BOOST_AUTO_TEST_CASE(any_byte_is_proof_of_life) {
    protocol::liveness line(at(0s), 30s, 2, 0s);
    BOOST_TEST(line.check(at(30s)) == verdict::send_ping);
    BOOST_TEST(line.check(at(60s)) == verdict::send_ping);
    line.heard(at(61s));
    BOOST_TEST((line.next_check() == at(91s)));
    BOOST_TEST(line.check(at(90s)) == verdict::fine);
    BOOST_TEST(line.check(at(91s)) == verdict::send_ping);
    BOOST_TEST(line.check(at(121s)) == verdict::send_ping);
    BOOST_TEST(line.check(at(151s)) == verdict::lost);
}

BOOST_AUTO_TEST_CASE(without_an_interval_nobody_asks) {
    protocol::liveness line(at(0s), 0s, 2, 0s);
    BOOST_TEST(!line.next_check());
    BOOST_TEST(line.check(at(24h)) == verdict::fine);
}

BOOST_AUTO_TEST_CASE(a_line_that_nobody_uses_is_idle) {
    protocol::liveness line(at(0s), 0s, 2, 300s);
    BOOST_TEST((line.next_check() == at(300s)));
    BOOST_TEST(line.check(at(299s)) == verdict::fine);
    BOOST_TEST(line.check(at(300s)) == verdict::idle);
}

BOOST_AUTO_TEST_CASE(a_line_is_not_used_by_being_heard) {
    protocol::liveness line(at(0s), 200s, 2, 300s);
    line.heard(at(100s));
    BOOST_TEST((line.next_check() == at(300s)));
    line.used(at(150s));
    BOOST_TEST(line.check(at(300s)) == verdict::send_ping);
    line.heard(at(301s));
    BOOST_TEST((line.next_check() == at(450s)));
    BOOST_TEST(line.check(at(449s)) == verdict::fine);
    BOOST_TEST(line.check(at(450s)) == verdict::idle);
}

BOOST_AUTO_TEST_SUITE_END()
