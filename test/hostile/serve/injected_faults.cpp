// A system whose socket calls are interrupted, cut short, or fail.
#include "support/checked_load.hpp"
#include "support/fault_plan.hpp"
#include "support/served_fixture.hpp"

#include <array>
#include <cstdint>

using namespace echosocket;
using namespace echosocket::test;

BOOST_AUTO_TEST_SUITE(injected_faults)

BOOST_FIXTURE_TEST_CASE(no_failing_call_of_the_system_mixes_replies_up_or_leaves_anything, served_fixture) {
    std::array<std::uint64_t, static_cast<std::size_t>(faults::kind::count)> injected{};
    for (std::size_t seed = 1; seed != 1 + amount(4, 100); ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            fault_plan plan(seed);
            plan->soft_one_in = 10;
            plan->hard_one_in = 1000;
            plan->hard_accept_one_in = 3;
            // The canary comes over a Unix socket: only the calls on TCP fail for good.
            serve({unix_address()}, plan.environment(), unix_address());
            checked_load load({.addresses = {address()}, .calls = amount(100, 500), .seed = seed});
            for (int i = 0; i != 20; ++i) static_cast<void>(connect_socket(address()));
            const auto outcome = load.finish();
            BOOST_TEST(outcome.wrong == "");
            BOOST_TEST(outcome.with_key > 0U);
            expect_recovery();
            for (std::size_t i = 0; i != injected.size(); ++i) injected[i] += plan->injected[i];
            teardown();
        }
    }
    for (std::size_t i = 0; i != injected.size(); ++i)
        BOOST_TEST(injected[i] > 0U, "faults of kind " << i << " have never been tried");
}

BOOST_AUTO_TEST_SUITE_END()
