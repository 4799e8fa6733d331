// A system clock that jumps.
#include "support/fault_plan.hpp"
#include "support/served_fixture.hpp"

#include <set>
#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace {

std::string request_within(std::uint32_t id, std::uint32_t deadline_ms, const std::string& sleep_ms) {
    const auto meta = raw::meta({.name = "sleep", .deadline_ms = deadline_ms});
    return raw::bytes_of({.kind = raw::frame_kind::request, .id = id, .meta = meta, .body = sleep_ms});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(clock_jumps)

BOOST_FIXTURE_TEST_CASE(no_deadline_or_timeout_goes_by_the_system_clock, served_fixture) {
    serve({}, preloading("clock_jumps"));
    for (std::size_t round = 0; round != amount(3, 100); ++round) {
        auto peer = connect();
        auto other = connect();
        peer.greets();
        other.greets();
        peer.sends(request_within(1, 3'600'000, "400") + request_within(3, 200, "3600000"));
        // Each reading of the system clock is a jump.
        std::set<std::string> years;
        for (std::uint32_t i = 0; i != 200; ++i) {
            other.sends(raw::request(2 * i + 1, "time"));
            years.insert(other.expects_frame().body.substr(0, 4));
        }
        BOOST_TEST(years.size() > 1U, "the clock has not jumped");
        peer.expects_error(3, errc::deadline_exceeded);
        const auto slept = peer.expects_frame();
        BOOST_TEST((slept.kind == raw::frame_kind::response && slept.id == 1));
        peer.leaves();
        other.leaves();
    }
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
