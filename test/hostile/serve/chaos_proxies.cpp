// A line that delays, fragments and cuts.
#include "support/chaos_proxy.hpp"
#include "support/checked_load.hpp"
#include "support/served_fixture.hpp"

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(chaos_proxies)

BOOST_FIXTURE_TEST_CASE(every_reply_is_its_calls_own_and_whole_however_bad_the_line, served_fixture) {
    serve();
    for (std::size_t seed = 1; seed != 1 + amount(2, 50); ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            const chaos_proxy line(address(), {.max_fragment = 32 * 1024, .cut_one_in = 1500, .seed = seed});
            checked_load load(
                {.addresses = {line.address()}, .calls = amount(60, 400), .max_body = 1'200'000, .seed = seed});
            const auto outcome = load.finish();
            BOOST_TEST(outcome.wrong == "");
            BOOST_TEST(outcome.with_key > 0U);
            BOOST_TEST(line.cuts() > 0U);
            BOOST_TEST_MESSAGE("seed " << seed << ": " << outcome.with_key << " calls with a key, " << outcome.answered
                                       << " without, " << outcome.lost << " lost, " << line.cuts() << " cuts");
        }
        expect_recovery();
    }
}

BOOST_AUTO_TEST_SUITE_END()
