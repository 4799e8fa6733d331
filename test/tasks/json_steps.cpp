// Large JSON texts: parsed in steps, and refused as soon as it shows that they do not fit.
#include <echosocket/detail/json_steps.hpp>

#include "tasks/served_call.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using detail::json_step;

namespace {

constexpr detail::json_bounds usual{64, 1'000'000};
constexpr detail::json_fit anything{0x3f};

struct parsed {
    std::size_t steps = 0;
    std::string error;
    std::string text;  ///< Of the value, written again.
};

parsed parse(const std::string& text, const detail::json_fit& fitting = anything,
             const detail::json_bounds& bounds = usual) {
    detail::stepwise_json document(text, bounds, fitting);
    parsed came_to;
    came_to.steps = 1;
    while (document.step()) ++came_to.steps;
    came_to.error = document.error();
    if (came_to.error.empty()) came_to.text = boost::json::serialize(document.root());
    return came_to;
}

std::string list_of(std::size_t items, std::string_view item) {
    std::string text = "[";
    for (std::size_t i = 0; i != items; ++i) text.append(i == 0 ? "" : ",").append(item);
    return text + ']';
}

std::string object_of(std::size_t bytes) {
    std::string text = "{";
    for (std::size_t i = 0; text.size() < bytes; ++i)
        text.append(i == 0 ? "\"" : ",\"").append(std::to_string(i)).append("\":1");
    return text + '}';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_steps)

BOOST_AUTO_TEST_CASE(each_step_parses_so_many_bytes) {
    const auto text = list_of(500'000, "1");
    const auto whole = parse(text);
    BOOST_TEST(whole.error == "");
    BOOST_TEST(whole.steps == (text.size() + json_step - 1) / json_step);
    BOOST_TEST((whole.text == text));
    BOOST_TEST(parse("[1]").steps == 1U);
}

BOOST_AUTO_TEST_CASE(wherever_a_step_ends_the_value_is_the_same) {
    const std::string part = R"(["a string \"\u00e9\\",-12.5,17,true,null,{"key \n":18446744073709551615}])";
    for (std::size_t before = 0; before != part.size(); ++before) {
        const auto text = '[' + std::string(json_step - 1 - before, ' ') + part + ']';
        const auto seen = parse(text);
        BOOST_TEST(seen.error == "");
        BOOST_TEST(seen.text == parse('[' + part + ']').text);
    }
}

BOOST_AUTO_TEST_CASE(an_outermost_value_of_the_wrong_kind_is_refused_in_the_first_step) {
    const auto text = object_of(12'000'000);
    const auto refused = parse(text, {detail::json_array | detail::json_null, 0});
    BOOST_TEST(refused.steps == 1U);
    BOOST_TEST(refused.error == "is an object");
    const auto string = '"' + std::string(1'000'000, 'x') + '"';
    BOOST_TEST(parse(string, {detail::json_number}).steps == 1U);
    BOOST_TEST(parse(string, {detail::json_number}).error == "is a string");
    BOOST_TEST(parse(list_of(100'000, "1"), {detail::json_object}).error == "is a list");
    for (const auto* scalar : {"1", "-1", "1.5", "true", "null"})
        BOOST_TEST(parse(scalar, {detail::json_object}).error != "", scalar);
}

BOOST_AUTO_TEST_CASE(so_is_a_list_of_more_items_than_there_are_arguments) {
    const auto text = list_of(1'000'000, "\"item\"");
    const auto refused = parse(text, {detail::json_array, 2});
    BOOST_TEST(refused.steps == 1U);
    BOOST_TEST(refused.error == "has more than 2 items");
    BOOST_TEST(parse("[[1,2,3],[4,5,6]]", {detail::json_array, 2}).error == "");
    BOOST_TEST(parse("[1,2,3]", {detail::json_array, 2}).error == "has more than 2 items");
}

BOOST_AUTO_TEST_CASE(more_values_than_the_limit_are_refused_where_it_is_crossed) {
    const auto text = list_of(1'000'000, "[]");
    BOOST_TEST(parse(text).error == "has more than 1000000 values");
    BOOST_TEST(parse(text, anything, {64, 100'000}).steps == 5U);
    BOOST_TEST(parse(list_of(999'999, "[]")).error == "");
    BOOST_TEST(parse("{\"a\":{\"b\":[true]}}", anything, {64, 4}).error == "");
    BOOST_TEST(parse("{\"a\":{\"b\":[true]}}", anything, {64, 3}).error == "has more than 3 values");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_as_from_a_small_text) {
    const std::string spaces(2 * json_step, ' ');
    BOOST_TEST(parse('[' + spaces + "1,]").error ==
               "is not JSON: syntax error at offset " + std::to_string(spaces.size() + 3));
    BOOST_TEST(parse('[' + spaces).error.starts_with("is not JSON: incomplete"));
    BOOST_TEST(parse("[]" + spaces + "[]").error.starts_with("is not JSON: extra data"));
    BOOST_TEST(parse("[]" + spaces).error == "");
    BOOST_TEST(parse(std::string(3 * json_step, '[')).error == "is nested deeper than the limit of 64");
    BOOST_TEST(parse(std::string(3 * json_step, '[')).steps == 1U);
    BOOST_TEST(parse("").error != "");
}

BOOST_AUTO_TEST_CASE(tasks_of_all_kinds_take_large_arguments) {
    const auto numbers = list_of(100'000, "1");
    BOOST_TEST(reply_of([](const std::vector<int>& all) { return all.size(); }, numbers).body == "100000");
    const auto coroutine = [](std::vector<int> all) -> asio::awaitable<std::size_t> { co_return all.size(); };
    BOOST_TEST(reply_of(coroutine, numbers).body == "100000");
    BOOST_TEST(reply_of([](variadic<int> all) { return all.size(); }, numbers).body == "100000");
    BOOST_TEST(reply_of([](const std::vector<int>& all, int n) { return all.size() + static_cast<std::size_t>(n); },
                        '[' + numbers + ",5]")
                   .body == "100005");
    const auto text = '"' + std::string(100'000, 'x') + '"';
    BOOST_TEST(reply_of([](std::string_view one, std::optional<int>) { return one.size(); }, text).body == "100000");
    const auto map_size = [](const std::map<std::string, int>& all) { return all.size(); };
    BOOST_TEST(!reply_of(map_size, object_of(100'000)).error.has_value());
    BOOST_TEST(reply_of([](std::string_view raw) { return raw.size(); }, numbers).body ==
               std::to_string(numbers.size()));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_a_bad_request_that_says_why) {
    const auto object = object_of(1'000'000);
    BOOST_TEST(complaint_of([] {}, object) == "expected no arguments, got 1");
    BOOST_TEST(complaint_of([](int, int) {}, object) == "the body is an object; expected (integer, integer)");
    BOOST_TEST(complaint_of([](int, int) {}, list_of(100'000, "1")) ==
               "the body has more than 2 items; expected (integer, integer)");
    BOOST_TEST(complaint_of([](const std::vector<std::string>&) {}, list_of(100'000, "1")) ==
               "argument 1, item `[0]`: expected string, got 1");
    BOOST_TEST(complaint_of([](const boost::json::value&) {}, list_of(1'000'001, "1")) ==
               "the body has more than 1000000 values; expected (json)");
}

BOOST_AUTO_TEST_SUITE_END()
