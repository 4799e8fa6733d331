#include "tasks/item.hpp"

#include <echosocket/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <tuple>

using echosocket::type_name;

BOOST_AUTO_TEST_SUITE(type_names)

BOOST_AUTO_TEST_CASE(plain_types) {
    BOOST_TEST(type_name<void>() == "nothing");
    BOOST_TEST(type_name<std::string>() == "string");
    BOOST_TEST(type_name<const char*>() == "string");
    BOOST_TEST(type_name<std::string_view>() == "string");
    BOOST_TEST(type_name<std::span<const std::byte>>() == "bytes");
    BOOST_TEST(type_name<std::vector<std::byte>>() == "bytes");
    BOOST_TEST(type_name<bool>() == "boolean");
    BOOST_TEST(type_name<std::uint8_t>() == "integer");
    BOOST_TEST(type_name<long long>() == "integer");
    BOOST_TEST(type_name<float>() == "number");
    BOOST_TEST(type_name<boost::json::value>() == "json");
}

BOOST_AUTO_TEST_CASE(composed_types) {
    BOOST_TEST(type_name<std::optional<int>>() == "integer?");
    BOOST_TEST(type_name<std::vector<std::optional<bool>>>() == "list<boolean?>");
    BOOST_TEST(type_name<std::set<int>>() == "list<integer>");
    BOOST_TEST((type_name<std::array<double, 3>>()) == "list<number>");
    BOOST_TEST((type_name<std::map<std::string, std::vector<std::byte>>>()) == "map<bytes>");
    BOOST_TEST((type_name<std::tuple<int, std::pair<bool, std::string>>>()) ==
               "tuple<integer, tuple<boolean, string>>");
    BOOST_TEST(type_name<std::tuple<>>() == "tuple<>");
}

BOOST_AUTO_TEST_CASE(described_structs) {
    using namespace echosocket::test;
    BOOST_TEST(type_name<item>() == "{name: string, price: number, stock: integer?}");
    BOOST_TEST(type_name<dated_order>() ==
               "{items: list<{name: string, price: number, stock: integer?}>, paid: boolean, day: string}");
    BOOST_TEST(type_name<empty>() == "{}");
}

BOOST_AUTO_TEST_CASE(a_struct_that_contains_itself_is_written_three_deep) {
    BOOST_TEST(type_name<echosocket::test::tree>() ==
               "{value: integer, children: list<{value: integer, children: list<{value: integer, "
               "children: list<{...}>}>}>}");
}

BOOST_AUTO_TEST_SUITE_END()
