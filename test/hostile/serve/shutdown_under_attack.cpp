// Ends in the midst of an attack: a server's in its three stages, and a client's that says goodbye, cancels and closes.
#include "support/served_fixture.hpp"

#include <csignal>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// What a draining server says: GOAWAY, and the PING behind it.
void expect_goaway(raw_peer& peer) {
    const auto goaway = peer.expects_frame();
    BOOST_TEST((goaway.kind == raw::frame_kind::goaway));
    const auto ping = peer.expects_frame();
    BOOST_TEST((ping.kind == raw::frame_kind::ping));
    peer.sends(raw::bytes_of({.kind = raw::frame_kind::pong, .body = ping.body}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shutdown_under_attack)

BOOST_FIXTURE_TEST_CASE(a_server_drains_then_cancels_then_closes_whatever_its_peers_do, served_fixture) {
    const testing::fifo go_on;
    // Time for all below, and less than the 10 s after which the deaf one is closed for its slowness.
    serve({"--drain-timeout", is_sanitized ? "6s" : "4s", "--allow-execute", "cat"});
    auto peers = greet_all(4);
    auto& quick = peers[0];
    auto& slow = peers[1];
    auto& late = peers[2];
    auto& deaf = peers[3];
    deaf.reads_only(0);
    std::string requests;
    for (std::uint32_t i = 0; i != 4000; ++i) requests += raw::request(2 * i + 1, "$tasks");
    deaf.sends(requests);
    wait_until([](const figures& f) { return f.queued_bytes > 1024 * 1024; });
    quick.sends(raw::request(1, "execute", "cat " + go_on.path()));
    slow.sends(raw::request(1, "sleep", "3600000"));
    late.sends(raw::request(1, "sleep", "3600000"));
    wait_until([](const figures& f) { return f.running_calls == 3 + 1; });
    let_canary_leave();

    server().signal(SIGTERM);
    expect_goaway(quick);
    expect_goaway(slow);
    expect_goaway(late);
    go_on.write_line();
    BOOST_TEST((quick.expects_frame().kind == raw::frame_kind::response));
    // It stays, since handlers that still run may need it.
    late.sends(raw::request(3, "echo", "too late"));
    late.expects_error(3, errc::shutting_down);
    slow.expects_error(1, errc::cancelled);
    late.expects_error(1, errc::cancelled);
    for (auto* each : {&quick, &slow, &late}) BOOST_TEST(each->has_ended());

    const auto end = await_end();
    BOOST_TEST(end.code == 0);
    for (const auto* part : {"1 call drained", "2 cancelled", "1 connection closed by force"})
        BOOST_TEST(end.out.find(part) != std::string::npos, end.out);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_says_goodbye_cancels_and_closes_leaves_nothing, served_fixture) {
    serve();
    std::string calls;
    std::string cancels;
    for (std::uint32_t i = 0; i != 100; ++i) {
        calls += raw::request(2 * i + 1, "sleep", "3600000");
        cancels += raw::cancel(2 * i + 1);
    }
    for (std::size_t round = 0; round != amount(20, 1000); ++round) {
        auto peer = connect();
        peer.greets();
        peer.sends(calls + raw::goaway(0) + cancels);
        if (round % 2 == 0)
            for (int i = 0; i != 100; ++i) BOOST_TEST((peer.expects_frame().kind == raw::frame_kind::error));
        peer.leaves();
    }
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
