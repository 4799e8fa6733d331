#include "cli/nearest_name.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace echosocket::cli;

namespace {

const std::vector<std::string> offered{"echo", "reverse", "upper",   "time",    "sleep",
                                       "sum",  "draw",    "execute", "download"};

std::string nearest(std::string_view name) {
    return nearest_name(name, offered).value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nearest_names)

BOOST_AUTO_TEST_CASE(each_edit_costs_one) {
    BOOST_TEST(edit_distance("", "") == 0u);
    BOOST_TEST(edit_distance("abc", "") == 3u);
    BOOST_TEST(edit_distance("", "abc") == 3u);
    BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
    BOOST_TEST(edit_distance("ab", "ba") == 1u);
    BOOST_TEST(edit_distance("ca", "abc") == 3u);
}

BOOST_AUTO_TEST_CASE(slips_of_the_finger_find_the_name) {
    BOOST_TEST(nearest("revrse") == "reverse");
    BOOST_TEST(nearest("rveerse") == "reverse");
    BOOST_TEST(nearest("ecoh") == "echo");
    BOOST_TEST(nearest("sums") == "sum");
    BOOST_TEST(nearest("downlaod") == "download");
}

BOOST_AUTO_TEST_CASE(what_is_far_from_everything_finds_nothing) {
    BOOST_TEST(nearest("frobnicate") == "none");
    BOOST_TEST(nearest("x") == "none");
    BOOST_TEST(nearest("") == "none");
    BOOST_TEST(!nearest_name("echo", {}));
}

BOOST_AUTO_TEST_SUITE_END()
