#include "cli/tasks/address_rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket;
using namespace echosocket::cli;

namespace {

asio::ip::address address(const std::string& text) {
    return asio::ip::make_address(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_rules)

BOOST_AUTO_TEST_CASE(special_addresses_are_not_public) {
    for (const auto* text : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "127.0.0.1",
                             "127.255.0.1",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.0.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::10.0.0.1",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "3fff::1",
                             "5f00::1",
                             "fc00::1",
                             "fdff::1",
                             "fe80::1",
                             "fec0::1",
                             "ff02::1",
                             "::ffff:0.0.0.0",
                             "::ffff:127.0.0.1",
                             "::ffff:169.254.169.254"})
        BOOST_TEST(!is_public(address(text)), text);
}

BOOST_AUTO_TEST_CASE(all_others_are_public) {
    for (const auto* text :
         {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
          "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
          "223.255.255.255", "2001:200::1", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"})
        BOOST_TEST(is_public(address(text)), text);
}

BOOST_AUTO_TEST_CASE(what_the_operator_names_is_allowed_besides) {
    const auto rules = cli::address_rules::with({"10.1.0.0/16", "::1", "fd00::/8", "Build.Example"});
    BOOST_REQUIRE(rules);
    BOOST_TEST(rules->allow("x", address("10.1.255.1")));
    BOOST_TEST(rules->allow("x", address("::ffff:10.1.0.1")));
    BOOST_TEST(!rules->allow("x", address("10.2.0.1")));
    BOOST_TEST(rules->allow("x", address("::1")));
    BOOST_TEST(!rules->allow("x", address("127.0.0.1")));
    BOOST_TEST(rules->allow("x", address("fd12::1")));
    BOOST_TEST(!rules->allow("x", address("fc00::1")));
    BOOST_TEST(rules->allow("build.example", address("192.168.0.1")));
    BOOST_TEST(!rules->allow("sub.build.example", address("192.168.0.1")));
    BOOST_TEST(rules->allow("x", address("1.1.1.1")));
}

BOOST_AUTO_TEST_CASE(a_network_ends_at_its_last_bit) {
    const auto rules = cli::address_rules::with({"10.128.0.0/9", "fd00:8000::/17", "127.0.0.1/32"});
    BOOST_REQUIRE(rules);
    BOOST_TEST(rules->allow("x", address("10.128.0.0")));
    BOOST_TEST(rules->allow("x", address("10.255.255.255")));
    BOOST_TEST(!rules->allow("x", address("10.127.255.255")));
    BOOST_TEST(rules->allow("x", address("fd00:8000::1")));
    BOOST_TEST(!rules->allow("x", address("fd00:7fff::1")));
    BOOST_TEST(rules->allow("x", address("127.0.0.1")));
    BOOST_TEST(!rules->allow("x", address("127.0.0.2")));
}

BOOST_AUTO_TEST_CASE(an_exception_that_makes_no_sense_is_refused) {
    for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "::/129", "a b", "host:80",
                             "http://host", "[::1]", "host/8"}) {
        const auto rules = cli::address_rules::with({text});
        BOOST_REQUIRE_MESSAGE(!rules, text);
        BOOST_TEST((rules.error().code == errc::invalid_config));
        BOOST_TEST(rules.error().detail.find("'" + std::string(text) + "'") != std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
