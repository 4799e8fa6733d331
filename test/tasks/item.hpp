// Described structs for the tests of the codec.
#pragma once

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace echosocket::test {

struct item {
    std::string name;
    double price = 0;
    std::optional<int> stock;

    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (name, price, stock))

struct order {
    std::vector<item> items;
    bool paid = false;

    friend bool operator==(const order&, const order&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (items, paid))

struct dated_order : order {
    std::string day;
};
BOOST_DESCRIBE_STRUCT(dated_order, (order), (day))

struct tree {
    int value = 0;
    std::vector<tree> children;
};
BOOST_DESCRIBE_STRUCT(tree, (), (value, children))

struct empty {};
BOOST_DESCRIBE_STRUCT(empty, (), ())

}  // namespace echosocket::test
