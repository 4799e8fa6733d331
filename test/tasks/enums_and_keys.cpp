#include "tasks/round_trip.hpp"
#include "tasks/served_call.hpp"

#include <boost/describe/enum.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

namespace es = echosocket;
using es::decode_reply;
using es::encode_arguments;
using es::type_name;
using es::test::check_round_trip;
using es::test::complaint_of;
using es::test::reply_of;

namespace {

enum class colour { red, green = 5, blue };
BOOST_DESCRIBE_ENUM(colour, red, green, blue)

enum class level : std::int8_t { low = -1, high = 100 };

enum class on_off : bool { off, on };

enum unbounded { some_value };

}  // namespace

BOOST_AUTO_TEST_SUITE(enums_and_keys)

BOOST_AUTO_TEST_CASE(a_described_enum_travels_by_name) {
    BOOST_TEST(encode_arguments(colour::green).bytes == "\"green\"");
    BOOST_CHECK(encode_arguments(colour::green).type == es::content_type::json);
    BOOST_TEST(encode_arguments(std::vector{colour::red, colour::blue}).bytes == R"(["red","blue"])");
    check_round_trip(colour::blue);
    check_round_trip(std::optional(colour::red));
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_refused_and_the_known_ones_are_told) {
    const auto paint = [](colour) {};
    BOOST_TEST(complaint_of(paint, "\"green\"").empty());
    BOOST_TEST(complaint_of(paint, "\"grey\"") == "argument 1: expected enum<red, green, blue>, got string \"grey\"");
    BOOST_TEST(complaint_of(paint, "5") == "argument 1: expected enum<red, green, blue>, got 5");
    BOOST_TEST(complaint_of(paint, "\"\"") == "argument 1: expected enum<red, green, blue>, got string \"\"");
}

BOOST_AUTO_TEST_CASE(a_value_without_a_name_is_its_integer_which_nobody_takes) {
    const auto body = encode_arguments(static_cast<colour>(7)).bytes;
    BOOST_TEST(body == "\"7\"");
    BOOST_TEST(!decode_reply<colour>(std::string(body)));
}

BOOST_AUTO_TEST_CASE(an_enum_that_is_not_described_is_an_integer) {
    BOOST_TEST(encode_arguments(level::low).bytes == "-1");
    BOOST_TEST(encode_arguments(on_off::on).bytes == "1");
    check_round_trip(level::high);
    check_round_trip(static_cast<level>(3));
    const auto set = [](level) {};
    BOOST_TEST(complaint_of(set, "128") == "argument 1: expected integer from -128 to 127, got 128");
    BOOST_TEST(complaint_of(set, "\"high\"") == "argument 1: expected integer, got string \"high\"");
    BOOST_TEST(complaint_of([](on_off) {}, "2") == "argument 1: expected integer from 0 to 1, got 2");
}

BOOST_AUTO_TEST_CASE(what_could_come_to_no_value_of_an_enum_has_no_form) {
    BOOST_TEST(!es::detail::supported<unbounded>);
    BOOST_TEST(!es::detail::supported<std::byte>);
}

BOOST_AUTO_TEST_CASE(keys_of_maps_are_text) {
    BOOST_TEST(encode_arguments(std::map<int, bool>{{-2, true}, {10, false}}).bytes == R"({"-2":true,"10":false})");
    BOOST_TEST(encode_arguments(std::map<colour, int>{{colour::red, 1}}).bytes == R"({"red":1})");
    BOOST_TEST(encode_arguments(std::map<level, int>{{level::low, 1}}).bytes == R"({"-1":1})");
    check_round_trip(std::map<std::uint64_t, int>{{0, 1}, {UINT64_MAX, 2}});
    check_round_trip(std::map<std::int64_t, int>{{INT64_MIN, 1}, {INT64_MAX, 2}});
    check_round_trip(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
    check_round_trip(std::map<colour, level>{{colour::red, level::low}, {colour::blue, level::high}});
}

BOOST_AUTO_TEST_CASE(keys_that_do_not_fit_are_refused) {
    const auto by_number = [](std::map<std::int8_t, int>) {};
    for (const auto* body : {R"({"x":1})", R"({"":1})", R"({"1x":1})", R"({" 1":1})", R"({"+1":1})", R"({"1.0":1})",
                             R"({"128":1})", R"({"99999999999999999999":1})"})
        BOOST_TEST(complaint_of(by_number, body).starts_with("argument 1: expected keys of the type integer, got \""),
                   body);
    BOOST_TEST(complaint_of([](std::map<unsigned, int>) {}, R"({"-1":1})") ==
               "argument 1: expected keys of the type integer, got \"-1\"");
    BOOST_TEST(complaint_of([](std::map<colour, int>) {}, R"({"grey":1})") ==
               "argument 1: expected keys of the type enum<red, green, blue>, got \"grey\"");
    BOOST_TEST(complaint_of(by_number, R"({"1":null})") == "argument 1, field `1`: expected integer, got null");
    BOOST_TEST(!(es::detail::supported<std::map<double, int>>));
    BOOST_TEST(!(es::detail::supported<std::map<bool, int>>));
}

BOOST_AUTO_TEST_CASE(they_are_named_in_lists_of_tasks) {
    BOOST_TEST(type_name<colour>() == "enum<red, green, blue>");
    BOOST_TEST(type_name<std::optional<colour>>() == "enum<red, green, blue>?");
    BOOST_TEST(type_name<level>() == "integer");
    BOOST_TEST((type_name<std::map<int, bool>>()) == "map<integer, boolean>");
    BOOST_TEST((type_name<std::map<colour, std::vector<int>>>()) == "map<enum<red, green, blue>, list<integer>>");
    BOOST_TEST((type_name<std::map<std::string, bool>>()) == "map<boolean>");
}

BOOST_AUTO_TEST_CASE(handlers_take_and_answer_them) {
    const auto count = [](std::map<colour, int> stock, colour wanted) { return stock[wanted]; };
    BOOST_TEST(reply_of(count, R"([{"green":3,"red":1},"green"])").body == "3");
    BOOST_TEST(reply_of([](level) { return colour::red; }, "100").body == "\"red\"");
}

BOOST_AUTO_TEST_SUITE_END()
