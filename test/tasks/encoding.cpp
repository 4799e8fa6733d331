#include "tasks/item.hpp"

#include <echosocket/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <set>
#include <span>
#include <tuple>

namespace es = echosocket;
using es::content_type;
using es::encode_arguments;
using es::test::item;
using namespace std::string_literals;

namespace {

template <class... Args>
std::string json_of(const Args&... args) {
    const auto body = encode_arguments(args...);
    BOOST_CHECK(body.type == content_type::json);
    return body.bytes;
}

template <class Arg>
std::string raw_of(const Arg& arg) {
    const auto body = encode_arguments(arg);
    BOOST_CHECK(body.type == content_type::bytes);
    return body.bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(encoding)

BOOST_AUTO_TEST_CASE(no_argument_is_an_empty_body) {
    const auto body = encode_arguments();
    BOOST_TEST(body.bytes.empty());
    BOOST_CHECK(body.type == content_type::bytes);
}

BOOST_AUTO_TEST_CASE(one_text_or_byte_sequence_travels_as_it_is) {
    BOOST_TEST(raw_of("say \"hi\"") == "say \"hi\"");
    BOOST_TEST(raw_of("\xFF\0x"s) == "\xFF\0x"s);
    BOOST_TEST(raw_of(std::string_view("view")) == "view");
    const char* pointer = "pointer";
    BOOST_TEST(raw_of(pointer) == "pointer");
    BOOST_TEST(raw_of(std::vector{std::byte{0}, std::byte{0xFF}}) == "\0\xFF"s);
    const std::array bytes{std::byte{'a'}, std::byte{'b'}};
    BOOST_TEST(raw_of(std::span<const std::byte>(bytes)) == "ab");
}

BOOST_AUTO_TEST_CASE(a_character_array_ends_at_its_first_zero_or_its_end) {
    const char padded[8] = {'a', 'b', 0, 'x', 0, 0, 0, 0};
    BOOST_TEST(raw_of(padded) == "ab");
    const char full[2] = {'a', 'b'};
    BOOST_TEST(raw_of(full) == "ab");
}

BOOST_AUTO_TEST_CASE(one_other_value_is_its_bare_json) {
    BOOST_TEST(json_of(true) == "true");
    BOOST_TEST(json_of(-7) == "-7");
    BOOST_TEST(json_of(std::optional<int>()) == "null");
    BOOST_TEST(json_of(std::optional<std::string>("x")) == "\"x\"");
    BOOST_TEST(json_of(std::vector<int>()) == "[]");
    BOOST_TEST(json_of(std::vector{1, 2, 3}) == "[1,2,3]");
}

BOOST_AUTO_TEST_CASE(several_arguments_are_an_array) {
    BOOST_TEST(json_of("a", 1, 2.5, false) == R"(["a",1,2.5,false])");
    BOOST_TEST(json_of(std::vector{1}, "b"s) == R"([[1],"b"])");
}

BOOST_AUTO_TEST_CASE(containers_keep_their_order_and_form) {
    BOOST_TEST(json_of(std::list<std::string>{"b", "a"}) == R"(["b","a"])");
    BOOST_TEST(json_of(std::set{3, 1, 2}) == "[1,2,3]");
    BOOST_TEST(json_of(std::vector<bool>{true, false}) == "[true,false]");
    BOOST_TEST(json_of(std::array{1.5F, 0.1F}) == "[1.5,0.1]");
    BOOST_TEST(json_of(std::tuple(1, "x"s, std::pair(true, 2U))) == R"([1,"x",[true,2]])");
    BOOST_TEST(json_of(std::tuple<>()) == "[]");
    BOOST_TEST(json_of(std::map<std::string, int>{{"b", 2}, {"a\n", 1}}) == R"({"a\n":1,"b":2})");
    BOOST_TEST(json_of(std::map<std::string, int>()) == "{}");
}

BOOST_AUTO_TEST_CASE(described_structs_are_objects_with_their_bases_fields) {
    BOOST_TEST(json_of(item{"nut", 0.5, {}}) == R"({"name":"nut","price":0.5,"stock":null})");
    const es::test::dated_order order{{{{"nut", 2, 3}}, true}, "Monday"};
    BOOST_TEST(json_of(order) == R"({"items":[{"name":"nut","price":2,"stock":3}],"paid":true,"day":"Monday"})");
    BOOST_TEST(json_of(es::test::tree{1, {{2, {}}}}) == R"({"value":1,"children":[{"value":2,"children":[]}]})");
    BOOST_TEST(json_of(es::test::empty{}) == "{}");
}

BOOST_AUTO_TEST_CASE(numbers_are_written_as_a_person_would) {
    BOOST_TEST(json_of(6.0) == "6");
    BOOST_TEST(json_of(0.1) == "0.1");
    BOOST_TEST(json_of(0.1F) == "0.1");
    BOOST_TEST(json_of(1e300) == "1e+300");
    BOOST_TEST(json_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    BOOST_TEST(json_of(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    BOOST_TEST(json_of(std::int8_t{-5}, std::uint8_t{200}) == "[-5,200]");
}

BOOST_AUTO_TEST_CASE(what_json_has_not_becomes_null) {
    BOOST_TEST(json_of(std::numeric_limits<double>::quiet_NaN()) == "null");
    BOOST_TEST(json_of(-std::numeric_limits<float>::infinity()) == "null");
    BOOST_TEST(json_of(boost::json::value(std::numeric_limits<double>::infinity())) == "null");
}

BOOST_AUTO_TEST_CASE(strings_are_escaped) {
    BOOST_TEST(json_of("\"\\\b\f\n\r\t\x01\x1F/", 1) == R"(["\"\\\b\f\n\r\t\u0001\u001f/",1])");
    BOOST_TEST(json_of("a\0b"s, 1) == R"(["a\u0000b",1])");
    BOOST_TEST(json_of("", "é€😀") == R"(["","é€😀"])");
}

BOOST_AUTO_TEST_CASE(broken_utf8_is_replaced_within_json) {
    BOOST_TEST(json_of("a\xFF"
                       "b\xC3",
                       1) ==
               "[\"a\xEF\xBF\xBD"
               "b\xEF\xBF\xBD\",1]");
    BOOST_TEST(json_of("\xED\xA0\x80é", 1) == "[\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDé\",1]");
    BOOST_TEST(json_of(boost::json::value("\xF0\x9F\x98")) == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

BOOST_AUTO_TEST_CASE(bytes_within_json_are_base64) {
    const auto bytes = [](std::string_view text) {
        const auto* first = reinterpret_cast<const std::byte*>(text.data());
        return std::vector<std::byte>(first, first + text.size());
    };
    BOOST_TEST(json_of(bytes(""), bytes("f"), bytes("fo"), bytes("foo"), bytes("foob")) ==
               R"(["","Zg==","Zm8=","Zm9v","Zm9vYg=="])");
    BOOST_TEST(json_of(bytes("\xFB\xFF\xBF"), 1) == R"(["+/+/",1])");
}

BOOST_AUTO_TEST_CASE(a_json_value_is_written_as_it_is) {
    const boost::json::value value = {{"a", {1, -2, 3.0, nullptr, true}}, {"b\"", boost::json::object()}};
    BOOST_TEST(json_of(value) == R"({"a":[1,-2,3,null,true],"b\"":{}})");
    BOOST_TEST(json_of(boost::json::value(18446744073709551615U)) == "18446744073709551615");
    BOOST_TEST(json_of(boost::json::value(boost::json::array())) == "[]");
}

BOOST_AUTO_TEST_SUITE_END()
