#include "io/address.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace echosocket;
using net::address_kind;
using net::parse_address;

namespace {

void check_invalid(const std::string& text, std::string_view why) {
    BOOST_TEST_CONTEXT(text) {
        const auto parsed = parse_address(text);
        BOOST_TEST_REQUIRE(!parsed.has_value());
        BOOST_TEST((parsed.error().code == errc::invalid_address));
        BOOST_TEST(parsed.error().detail.find(text) != std::string::npos);
        BOOST_TEST(parsed.error().detail.find(why) != std::string::npos, parsed.error().detail);
        BOOST_TEST(parsed.error().detail.find("host:port, [v6-address]:port or unix:/path") != std::string::npos);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(a_host_and_a_port) {
    const auto parsed = parse_address("example.org:8080");
    BOOST_TEST_REQUIRE(parsed.has_value());
    BOOST_TEST((parsed->kind == address_kind::tcp));
    BOOST_TEST(parsed->host == "example.org");
    BOOST_TEST(parsed->port == 8080);
}

BOOST_AUTO_TEST_CASE(a_number_and_the_port_that_means_any) {
    const auto parsed = parse_address("127.0.0.1:0");
    BOOST_TEST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->host == "127.0.0.1");
    BOOST_TEST(parsed->port == 0);
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_stands_in_brackets) {
    const auto parsed = parse_address("[::1]:65535");
    BOOST_TEST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->host == "::1");
    BOOST_TEST(parsed->port == 65535);
}

BOOST_AUTO_TEST_CASE(a_unix_socket) {
    const auto parsed = parse_address("unix:/run/a:b.sock");
    BOOST_TEST_REQUIRE(parsed.has_value());
    BOOST_TEST((parsed->kind == address_kind::unix_socket));
    BOOST_TEST(parsed->path == "/run/a:b.sock");
    BOOST_TEST(parse_address("unix:" + std::string(107, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
    for (const auto* text : {"localhost:80", "10.0.0.1:1", "[fe80::1]:9", "[::]:0", "unix:/tmp/x", "unix:relative"}) {
        const auto parsed = parse_address(text);
        BOOST_TEST_REQUIRE(parsed.has_value(), text);
        BOOST_TEST(to_string(*parsed) == text);
    }
}

BOOST_AUTO_TEST_CASE(half_an_address_says_what_is_missing) {
    check_invalid("", "the host or the port is missing");
    check_invalid("8080", "the host or the port is missing");
    check_invalid("localhost", "the host or the port is missing");
    check_invalid(":8080", "the host is missing");
    check_invalid("localhost:", "the port is no number");
    check_invalid("unix:", "the path is missing");
}

BOOST_AUTO_TEST_CASE(a_port_is_a_number_of_16_bits) {
    for (const auto* port : {"65536", "-1", "+1", " 80", "80 ", "0x50", "http", "99999999999999999999"})
        check_invalid("localhost:" + std::string(port), "the port is no number");
}

BOOST_AUTO_TEST_CASE(ipv6_without_brackets_is_refused_since_its_port_is_a_guess) {
    check_invalid("::1", "needs brackets");
    check_invalid("::1:8080", "needs brackets");
    check_invalid("[::1]", "no host name");
    check_invalid("[localhost]:80", "no IPv6 address");
    check_invalid("[]:80", "no IPv6 address");
}

BOOST_AUTO_TEST_CASE(a_url_is_no_address) {
    check_invalid("http://localhost:80", "no host name");
    check_invalid("user@host:80", "no host name");
    check_invalid("local host:80", "no host name");
    check_invalid(std::string(256, 'a').append(":80"), "no host name");  // GCC 12 warns wrongly of operator+ here
}

BOOST_AUTO_TEST_CASE(a_path_that_the_system_would_cut_off_is_refused) {
    check_invalid("unix:" + std::string(108, 'x'), "longer than the 107 bytes");
    check_invalid(std::string("unix:/a\0b", 9), "zero byte");
}

BOOST_AUTO_TEST_SUITE_END()
