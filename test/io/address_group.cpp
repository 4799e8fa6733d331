// Which connections count as one user's.
#include "io/address_group.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace echosocket;
using net::group_of;
using kind = net::address_group::kind;

BOOST_AUTO_TEST_SUITE(address_group)

BOOST_AUTO_TEST_CASE(each_ipv4_address_is_one) {
    BOOST_TEST((group_of("192.0.2.1:1000") == group_of("192.0.2.1:2000")));
    BOOST_TEST((group_of("192.0.2.1:1000") != group_of("192.0.2.2:1000")));
    BOOST_TEST((group_of("192.0.2.1:1000").what == kind::v4));
}

BOOST_AUTO_TEST_CASE(all_of_a_64_bit_network_of_ipv6_are_one) {
    BOOST_TEST((group_of("[2001:db8:0:1::1]:1000") == group_of("[2001:db8:0:1:ffff:ffff:ffff:ffff]:2000")));
    BOOST_TEST((group_of("[2001:db8:0:1::1]:1000") != group_of("[2001:db8:0:2::1]:1000")));
    BOOST_TEST((group_of("[2001:db8:0:1::1]:1000").what == kind::v6));
    BOOST_TEST((group_of("[fe80::1%eth0]:1") == group_of("[fe80::2]:1")));
}

BOOST_AUTO_TEST_CASE(ipv4_within_ipv6_is_ipv4) {
    BOOST_TEST((group_of("[::ffff:192.0.2.1]:1000") == group_of("192.0.2.1:1000")));
    BOOST_TEST((group_of("[::ffff:192.0.2.1]:1000") != group_of("[::ffff:192.0.2.2]:1000")));
    BOOST_TEST(group_of("[::ffff:127.0.0.1]:1000").is_loopback);
}

BOOST_AUTO_TEST_CASE(loopback_is_known) {
    for (const auto* address : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) BOOST_TEST(group_of(address).is_loopback);
    for (const auto* address : {"128.0.0.1:1", "[::2]:1", "[1::1]:1"}) BOOST_TEST(!group_of(address).is_loopback);
    BOOST_TEST((group_of("[::1]:1") != group_of("[::2]:1")));
}

BOOST_AUTO_TEST_CASE(what_is_no_ip_address_is_none) {
    for (const std::string_view address : {"", ":", "unix:", "unix:/run/a.sock", "memory", "host:80", "1.2.3:80",
                                           "1.2.3.4", "[::1", "[]:1", "::1", "[1.2.3.4]:1"})
        BOOST_TEST((group_of(address).what == kind::none), address);
    BOOST_TEST((group_of(std::string(1000, '1') + ":1").what == kind::none));
}

BOOST_AUTO_TEST_CASE(their_hash_tells_them_apart) {
    const net::address_group::hash hash;
    BOOST_TEST(hash(group_of("192.0.2.1:1")) == hash(group_of("192.0.2.1:2")));
    BOOST_TEST(hash(group_of("192.0.2.1:1")) != hash(group_of("192.0.2.2:1")));
    BOOST_TEST(hash(group_of("[::c000:201:0:0:0:0]:1")) != hash(group_of("192.0.2.1:1")));
}

BOOST_AUTO_TEST_SUITE_END()
