// Peers whose line is dead, and nobody tells.
#include "support/network_namespace.hpp"
#include "support/served_fixture.hpp"
#include "support/skip.hpp"

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

constexpr const char* far_away = "10.77.0.2";

struct half_open_fixture : served_fixture {
    /// Each peer has subscribed to `news`. False if this machine can't cut a line.
    bool serve_from_far_away(std::size_t count) {
        if (const auto why = enter_network_namespace(); !why.empty()) {
            skip(why);
            return false;
        }
        add_address(far_away);
        serve({unix_address()}, {}, unix_address());
        for (std::size_t i = 0; i != count; ++i) {
            peers.push_back(connect_peer(io_, address(), far_away));
            peers.back().greets();
            peers.back().sends(raw::request(1, "$subscribe", R"(["news"])"));
            peers.back().expects_reply(1, {});
        }
        return true;
    }
    /// Whatever they do from now on is not heard.
    void cut_the_line() {
        const auto connected = now().connections;
        cut_off(far_away);
        for (auto& one : peers) one.leaves();
        BOOST_TEST(now().connections == connected, "their end was heard of, so nothing was half open");
    }
    std::vector<raw_peer> peers;
};

boost::test_tools::assertion_result in_a_long_run(boost::unit_test::test_unit_id) {
    return is_long_run();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(half_open_peers, half_open_fixture)

BOOST_AUTO_TEST_CASE(one_that_is_written_to_is_given_up_and_its_output_with_it) {
    const std::size_t count = amount(8, 100);
    if (!serve_from_far_away(count)) return;
    cut_the_line();
    auto sender = connect_peer(io_, unix_address());
    sender.greets();
    const auto news = raw::bytes_of(
        {.kind = raw::frame_kind::notify, .meta = raw::meta({.name = "news"}), .body = std::string(16 * 1024, 'n')});
    while (now().queued_bytes < count * 256 * 1024) sender.sends(news);
    sender.leaves();
    wait_until([](const figures& f) { return f.connections == 1; });
    expect_recovery();
    BOOST_TEST(closed("write_stalled") == count);
}

BOOST_AUTO_TEST_CASE(one_that_is_idle_is_found_out_by_a_ping, *boost::unit_test::precondition(in_a_long_run)) {
    if (!serve_from_far_away(100)) return;
    cut_the_line();
    wait_until([](const figures& f) { return f.connections == 1; }, 150s);
    expect_recovery();
    BOOST_TEST(closed("connection_lost") + closed("ping_timeout") == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
