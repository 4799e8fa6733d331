#include "memory/large_body.hpp"
#include "support/sizes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

/// Resident pages between two bytes of `body`, not counting pages that are only partly inside.
template <class Body>
std::ptrdiff_t resident_pages(const Body& body, std::size_t begin, std::size_t end) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto start = reinterpret_cast<std::uintptr_t>(body.data());
    const auto first = (start + begin + page - 1) / page * page;
    const auto last = (start + end) / page * page;
    std::vector<unsigned char> resident((last - first) / page);
    BOOST_TEST_REQUIRE(::mincore(reinterpret_cast<void*>(first), last - first, resident.data()) == 0);
    return std::ranges::count_if(resident, [](unsigned char each) { return (each & 1U) != 0; });
}

/// A body whose whole capacity was written to, and which is shorter now.
std::string shortened(std::size_t capacity, std::size_t size) {
    std::string body;
    body.reserve(capacity);
    net::will_be_filled(body);
    body.resize(capacity, 'x');
    body.resize(size);
    return body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(large_body)

BOOST_AUTO_TEST_CASE(a_complete_body_keeps_no_memory_beyond_its_end) {
    auto body = shortened(16 * mib, mib + 3);
    BOOST_TEST(resident_pages(body, 2 * mib, 15 * mib) > 0);
    net::was_filled(body);
    BOOST_TEST(resident_pages(body, mib + 128 * kib, 16 * mib - 128 * kib) == 0);
    BOOST_TEST(body == std::string(mib + 3, 'x'));
    BOOST_TEST(body.c_str()[body.size()] == '\0');
}

BOOST_AUTO_TEST_CASE(what_was_sent_goes_in_whole_pages_and_leaves_the_rest) {
    net::large_body body(shortened(4 * mib, 4 * mib));
    body.sent_up_to(mib);
    BOOST_TEST(resident_pages(body, 128 * kib, mib - 64 * kib) == 0);
    BOOST_TEST(std::ranges::count(std::string_view(body.data() + mib, 3 * mib), 'x') ==
               static_cast<std::ptrdiff_t>(3 * mib));
    body.sent_up_to(mib + 100 * kib);  // not worth a call yet
    BOOST_TEST(resident_pages(body, mib + 8 * kib, mib + 96 * kib) > 0);
}

BOOST_AUTO_TEST_CASE(a_body_of_others_stays) {
    const auto theirs = std::make_shared<const std::string>(2 * mib, 'x');
    net::large_body body(theirs);
    body.sent_up_to(2 * mib);
    BOOST_TEST(std::ranges::count(*theirs, 'x') == static_cast<std::ptrdiff_t>(2 * mib));
}

BOOST_AUTO_TEST_CASE(a_small_body_has_nothing_to_give_back) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, 10 * kib}) {
        std::string body(size, 'x');
        net::will_be_filled(body);
        net::was_filled(body);
        BOOST_TEST(body == std::string(size, 'x'));
    }
}

BOOST_AUTO_TEST_SUITE_END()
