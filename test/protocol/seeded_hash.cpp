// The hash of tables under texts that peers choose.
#include "seeded_hash.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>
#include <set>
#include <string>

using namespace echosocket;

namespace {

// The key and the messages of the test vectors in SipHash's reference implementation: the bytes 00, 01, 02...
constexpr hash_seed reference_seed{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

std::string counting_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seeded_hash)

BOOST_AUTO_TEST_CASE(it_is_the_hash_of_the_reference) {
    BOOST_TEST(sip_hash("", reference_seed) == 0x726fdb47dd0e0e31U);
    BOOST_TEST(sip_hash(counting_bytes(1), reference_seed) == 0x74f839c593dc67fdU);
    BOOST_TEST(sip_hash(counting_bytes(8), reference_seed) == 0x93f5f5799a932462U);
    BOOST_TEST(sip_hash(counting_bytes(15), reference_seed) == 0xa129ca6149be45e5U);
}

BOOST_AUTO_TEST_CASE(names_that_share_a_bucket_under_one_seed_do_not_under_another) {
    constexpr std::uint64_t buckets = 1024;
    std::set<std::uint64_t> elsewhere;
    std::size_t chosen = 0;
    for (int i = 0; chosen != 64; ++i) {
        const auto name = "topic" + std::to_string(i);
        if (sip_hash(name, reference_seed) % buckets != 0) continue;
        ++chosen;
        elsewhere.insert(sip_hash(name, {1, 2}) % buckets);
    }
    BOOST_TEST(elsewhere.size() > 48U);
}

BOOST_AUTO_TEST_CASE(a_process_has_one_seed) {
    const echosocket::seeded_hash one;
    const echosocket::seeded_hash other;
    BOOST_TEST(one("name") == other("name"));
    BOOST_TEST(one("name") != one("eman"));
    BOOST_TEST(one("") != sip_hash("", {}));
}

BOOST_AUTO_TEST_SUITE_END()
