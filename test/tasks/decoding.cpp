#include "tasks/item.hpp"
#include "tasks/round_trip.hpp"

#include <echosocket/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace es = echosocket;
using es::decode_reply;
using es::test::check_round_trip;
using es::test::item;
using es::test::order;

namespace {

template <class T>
T value_of(std::string body) {
    auto reply = decode_reply<T>(std::move(body));
    BOOST_REQUIRE_MESSAGE(reply, (reply ? "" : reply.error().message()));
    return *std::move(reply);
}

template <class T>
std::string complaint_of(std::string body) {
    const auto reply = decode_reply<T>(std::move(body));
    BOOST_REQUIRE(!reply);
    BOOST_CHECK(reply.error().code == es::errc::bad_reply);
    return reply.error().detail;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoding)

BOOST_AUTO_TEST_CASE(void_takes_any_reply) {
    BOOST_TEST(decode_reply<void>("anything").has_value());
    BOOST_TEST(decode_reply<void>("").has_value());
}

BOOST_AUTO_TEST_CASE(a_string_is_the_reply_itself) {
    std::string body(100, '\xFF');
    const void* place = body.data();
    const auto reply = decode_reply<std::string>(std::move(body));
    BOOST_REQUIRE(reply);
    BOOST_TEST(static_cast<const void*>(reply->data()) == place);
    BOOST_TEST(value_of<std::string>("\"quoted\"") == "\"quoted\"");
}

BOOST_AUTO_TEST_CASE(bytes_are_copied_out_of_the_reply) {
    BOOST_CHECK((value_of<std::vector<std::byte>>("a\xFF") == std::vector{std::byte{'a'}, std::byte{0xFF}}));
}

BOOST_AUTO_TEST_CASE(what_is_encoded_comes_back) {
    check_round_trip(true);
    check_round_trip(0.1);
    check_round_trip(-2.5F);
    check_round_trip(std::numeric_limits<std::int64_t>::min());
    check_round_trip(std::numeric_limits<std::uint64_t>::max());
    check_round_trip(std::optional<int>());
    check_round_trip(std::optional<std::string>("\n\"é\x01"));
    check_round_trip(std::vector<bool>{true, false});
    check_round_trip(std::set<std::string>{"b", "a"});
    check_round_trip(std::array{1, 2, 3});
    check_round_trip(std::tuple(1, std::string("x"), std::pair(false, 2.5)));
    check_round_trip(std::map<std::string, std::vector<int>>{{"", {}}, {"a", {1}}});
    check_round_trip(std::unordered_map<std::string, int>{{"x", 1}, {"y", 2}});
    check_round_trip(std::optional<std::vector<std::byte>>({std::byte{0}, std::byte{0xFB}, std::byte{0xFF}}));
    check_round_trip(order{{{"nut", 0.5, {}}, {"bolt", 2, 7}}, true});
    check_round_trip(boost::json::value({{"a", {1, nullptr}}}));
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_ignored_and_optional_ones_may_be_missing) {
    BOOST_CHECK((value_of<item>(R"({"price":2,"colour":[{}],"name":"nut"})") == item{"nut", 2, {}}));
}

BOOST_AUTO_TEST_CASE(inherited_fields_are_read) {
    const auto read = value_of<es::test::dated_order>(R"({"items":[],"paid":true,"day":"Monday"})");
    BOOST_TEST(read.paid);
    BOOST_TEST(read.day == "Monday");
}

BOOST_AUTO_TEST_CASE(a_complaint_says_where_and_what) {
    BOOST_TEST(complaint_of<int>("\"abc\"") == "reply: expected integer, got string \"abc\"");
    BOOST_TEST(complaint_of<std::vector<int>>("[1,null]") == "reply, item `[1]`: expected integer, got null");
    BOOST_TEST(complaint_of<order>(R"({"items":[{"name":"a","price":1},{"name":"b","price":{}}],"paid":true})") ==
               "reply, field `items[1].price`: expected number, got an object");
    BOOST_TEST(complaint_of<std::vector<order>>(R"([{"items":[{"name":"a"}]}])") ==
               "reply, item `[0].items[0].price`: missing, expected number");
    BOOST_TEST(complaint_of<item>("[]") ==
               "reply: expected {name: string, price: number, stock: integer?}, got a list of 0");
    BOOST_TEST((complaint_of<std::map<std::string, bool>>(R"({"":1})")) ==
               "reply, field `\"\"`: expected boolean, got 1");
    BOOST_TEST((complaint_of<std::pair<int, int>>("[1,2,3]")) ==
               "reply: expected tuple<integer, integer>, got a list of 3");
    BOOST_TEST((complaint_of<std::array<int, 2>>("[1]")) == "reply: expected list<integer>, got a list of 1");
    BOOST_TEST(complaint_of<std::vector<std::vector<int>>>("[[],[true]]") ==
               "reply, item `[1][0]`: expected integer, got true");
}

BOOST_AUTO_TEST_CASE(what_came_is_shown_short_and_printable) {
    const auto shown = complaint_of<int>("\"" + std::string(50, 'x') + "\"");
    BOOST_TEST(shown == "reply: expected integer, got string \"" + std::string(40, 'x') + "...\"");
    BOOST_TEST(complaint_of<int>(R"("a\u001b[31m")") == "reply: expected integer, got string \"a?[31m\"");
    BOOST_TEST((complaint_of<std::map<std::string, int>>(R"({"a\n":null})")) ==
               "reply, field `a?`: expected integer, got null");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_told_with_its_position) {
    BOOST_TEST(complaint_of<int>("12x") == "the reply is not JSON: extra data at offset 2; expected integer");
    BOOST_TEST(complaint_of<bool>("[1,}") == "the reply is not JSON: syntax error at offset 3; expected boolean");
    BOOST_TEST(complaint_of<bool>("") == "the reply is not JSON: incomplete JSON at offset 0; expected boolean");
    BOOST_TEST(complaint_of<std::optional<std::string>>("\"a\xFF\"").find("is not JSON: syntax error") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(nesting_is_read_down_to_the_limit) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    BOOST_TEST(value_of<boost::json::value>(nested(64)).is_array());
    BOOST_TEST(complaint_of<boost::json::value>(nested(65)) ==
               "the reply is nested deeper than the limit of 64; expected json");
    BOOST_TEST(!decode_reply<boost::json::value>(std::string(1'000'000, '[')));
}

BOOST_AUTO_TEST_CASE(integers_must_fit_their_type) {
    BOOST_TEST(value_of<std::int8_t>("-128") == -128);
    BOOST_TEST(complaint_of<std::int8_t>("300") == "reply: expected integer from -128 to 127, got 300");
    BOOST_TEST(complaint_of<std::int8_t>("-129") == "reply: expected integer from -128 to 127, got -129");
    BOOST_TEST(complaint_of<std::uint8_t>("300") == "reply: expected integer from 0 to 255, got 300");
    BOOST_TEST(complaint_of<unsigned>("-1") == "reply: expected integer from 0 to 4294967295, got -1");
    BOOST_TEST(value_of<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    BOOST_TEST(!decode_reply<std::uint64_t>("18446744073709551616"));
    BOOST_TEST(!decode_reply<std::int64_t>("9223372036854775808"));
    BOOST_TEST(!decode_reply<std::int64_t>("1e400"));
    BOOST_TEST(!decode_reply<std::uint64_t>("-1.0"));
}

BOOST_AUTO_TEST_CASE(a_whole_number_is_an_integer_however_it_is_written) {
    BOOST_TEST(value_of<int>("2.0") == 2);
    BOOST_TEST(value_of<int>("2e3") == 2000);
    BOOST_TEST(value_of<std::int64_t>("-9223372036854775808.0") == std::numeric_limits<std::int64_t>::min());
    BOOST_TEST(complaint_of<int>("1.5") == "reply: expected integer, got 1.5");
    BOOST_TEST(complaint_of<int>("true") == "reply: expected integer, got true");
}

BOOST_AUTO_TEST_CASE(numbers_must_fit_their_type) {
    BOOST_TEST(value_of<double>("7") == 7.0);
    BOOST_TEST(value_of<double>("1e308") == 1e308);
    BOOST_TEST(complaint_of<float>("1e39") == "reply: expected number up to 3.4028235e+38, got 1e+39");
    BOOST_TEST(complaint_of<double>("1e400").find("got a number out of all range") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_within_json_must_be_base64) {
    using bytes = std::optional<std::vector<std::byte>>;
    BOOST_TEST(value_of<bytes>("\"Zm8=\"")->size() == 2U);
    for (const auto* bad : {"\"Zm8\"", "\"Zm8*\"", "\"=m8=\"", "\"Z===\"", "[1]"})
        BOOST_TEST(complaint_of<bytes>(bad).starts_with("reply: expected bytes in base64, got "), bad);
}

BOOST_AUTO_TEST_SUITE_END()
