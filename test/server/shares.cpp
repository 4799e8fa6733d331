// How much of a server's connections and running calls one address may have.
#include "server/admission.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <deque>
#include <string>

using namespace echosocket;

namespace {

struct shares_fixture {
    std::deque<detail::connection_info> present;
    net::workload running;
    std::uint64_t last_id = 0;

    /// Connects if there is room.
    bool enters(admission& to, const std::string& address) {
        if (to.refusal_of(address)) return false;
        to.enter(address);
        present.emplace_back(++last_id, address, time_point(), 0);
        return true;
    }
    std::size_t as_many_as_may(admission& to, const std::string& address) {
        std::size_t count = 0;
        while (enters(to, address)) ++count;
        return count;
    }
    /// Calls of connections from there, one for each.
    std::size_t as_many_calls_as_may(admission& to, const detail::connection_info& of) {
        std::size_t count = 0;
        auto* from_address = to.calls_of(of.address());
        for (; to.has_room(of); ++count) {
            running.call_begins();
            if (from_address != nullptr) ++*from_address;
        }
        return count;
    }
    std::size_t calls_from(admission& to, const std::string& address) {
        BOOST_REQUIRE(enters(to, address));
        return as_many_calls_as_may(to, present.back());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shares, shares_fixture)

BOOST_AUTO_TEST_CASE(one_address_gets_four_fifths_of_the_connections_and_there_is_room_for_the_next) {
    admission to({.connections = 1000, .running_calls = 1000}, running);
    BOOST_TEST(as_many_as_may(to, "192.0.2.1:1") == 800U);
    BOOST_TEST(to.refusal_of("192.0.2.1:1")->find("it has 800 of 1000") != std::string::npos);
    BOOST_TEST(as_many_as_may(to, "192.0.2.2:1") == 160U);
    BOOST_TEST(as_many_as_may(to, "192.0.2.3:1") == 32U);
    for (int i = 4; i != 8; ++i) BOOST_TEST(enters(to, "192.0.2." + std::to_string(i) + ":1"));
}

BOOST_AUTO_TEST_CASE(hosts_of_one_ipv6_network_share) {
    admission to({.connections = 1000, .running_calls = 1000}, running);
    BOOST_TEST(as_many_as_may(to, "[2001:db8::1]:1") == 800U);
    BOOST_TEST(!enters(to, "[2001:db8::2]:1"));
    BOOST_TEST(enters(to, "[2001:db8:0:1::1]:1"));
}

BOOST_AUTO_TEST_CASE(whoever_leaves_makes_room) {
    admission to({.connections = 10, .running_calls = 10}, running);
    BOOST_TEST(as_many_as_may(to, "192.0.2.1:1") == 8U);
    to.leave(present.front());
    BOOST_TEST(enters(to, "192.0.2.1:1"));
    BOOST_TEST(!enters(to, "192.0.2.1:1"));
}

BOOST_AUTO_TEST_CASE(loopback_unix_sockets_and_memory_may_have_all_connections) {
    for (const auto* address : {"127.0.0.1:1", "[::1]:1", "unix:/run/a.sock", "memory", ""}) {
        admission to({.connections = 10, .running_calls = 10}, running);
        BOOST_TEST(as_many_as_may(to, address) == 10U, address);
        BOOST_TEST(to.refusal_of(address)->find("at most 10") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_number_bounds_each_address_and_loopback_too) {
    admission to({.connections = 100, .per_address = 2, .running_calls = 100}, running);
    for (const auto* address : {"192.0.2.1:1", "127.0.0.1:1", "127.0.0.2:1", "[2001:db8::1]:1"}) {
        BOOST_TEST(as_many_as_may(to, address) == 2U, address);
        BOOST_TEST(to.refusal_of(address)->find("one address: at most 2") != std::string::npos);
    }
    for (int i = 0; i != 10; ++i) BOOST_TEST(enters(to, "unix:"));
}

BOOST_AUTO_TEST_CASE(a_connection_needs_its_place_until_its_line_is_closed) {
    admission to({.connections = 10, .per_address = 3, .running_calls = 10}, running);
    BOOST_TEST(as_many_as_may(to, "192.0.2.1:1") == 3U);
    auto& ghost = present.front();
    to.line_closed(ghost);
    to.line_closed(ghost);
    BOOST_TEST(to.lingering() == 1U);
    BOOST_TEST(enters(to, "192.0.2.1:1"));
    BOOST_TEST(!enters(to, "192.0.2.1:1"));
    to.leave(ghost);
    BOOST_TEST(to.lingering() == 0U);
    BOOST_TEST(!enters(to, "192.0.2.1:1"));
}

BOOST_AUTO_TEST_CASE(connections_of_one_address_share_its_calls) {
    admission to({.connections = 100, .running_calls = 1000}, running);
    BOOST_TEST(calls_from(to, "192.0.2.1:1") == 800U);
    BOOST_TEST(calls_from(to, "192.0.2.1:2") == 0U);
    const auto why = to.no_room_for(present.back());
    BOOST_TEST((why.code == errc::overloaded));
    BOOST_TEST(why.detail.find("it has 800 of 1000") != std::string::npos, why.detail);
    BOOST_TEST(calls_from(to, "192.0.2.2:1") == 160U);
}

BOOST_AUTO_TEST_CASE(loopback_unix_sockets_and_memory_may_have_all_calls) {
    for (const auto* address : {"127.0.0.1:1", "unix:", "memory"}) {
        admission to({.connections = 10, .running_calls = 1000}, running);
        BOOST_TEST(calls_from(to, address) == 1000U, address);
        BOOST_TEST(to.no_room_for(present.back()).detail.find("at most 1000") != std::string::npos);
        while (running.calls() != 0) running.call_ended();
    }
}

BOOST_AUTO_TEST_CASE(with_a_number_calls_from_loopback_are_shared_too) {
    admission to({.connections = 10, .per_address = 5, .running_calls = 1000}, running);
    BOOST_TEST(calls_from(to, "127.0.0.1:1") == 800U);
    BOOST_TEST(calls_from(to, "127.0.0.1:2") == 0U);
    BOOST_TEST(calls_from(to, "127.0.0.2:1") == 160U);
}

BOOST_AUTO_TEST_CASE(what_has_ended_counts_no_more) {
    admission to({.connections = 10, .running_calls = 10}, running);
    BOOST_TEST(calls_from(to, "192.0.2.1:1") == 8U);
    --*to.calls_of("192.0.2.1:7");
    running.call_ended();
    BOOST_TEST(to.has_room(present.back()));
}

BOOST_AUTO_TEST_CASE(a_small_server_refuses_nobody_before_it_is_full) {
    for (const std::size_t all : {1U, 2U, 3U, 4U}) {
        admission to({.connections = all, .running_calls = all}, running);
        BOOST_TEST(as_many_as_may(to, "192.0.2.1:1") == all);
    }
}

BOOST_AUTO_TEST_SUITE_END()
