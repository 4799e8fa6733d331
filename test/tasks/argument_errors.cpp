#include "tasks/item.hpp"
#include "tasks/served_call.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>

namespace es = echosocket;
using es::test::complaint_of;
using es::test::reply_of;
using es::test::served_task;

namespace {

void none() {}

std::string pair(int number, std::string text) {
    return std::to_string(number) + text;
}

int list_size(std::vector<int> list) {
    return static_cast<int>(list.size());
}

double sum(es::variadic<double> numbers) {
    double total = 0;
    for (const double number : numbers) total += number;
    return total;
}

std::string optional_tail(std::string name, std::optional<int> first, std::optional<bool> second) {
    return name + (first ? std::to_string(*first) : "-") + (second ? "+" : "-");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(argument_errors)

BOOST_AUTO_TEST_CASE(no_parameters_take_nothing_null_or_an_empty_array) {
    for (const auto* body : {"", "null", "[]", " [ ] "}) BOOST_TEST(complaint_of(none, body).empty(), body);
    BOOST_TEST(complaint_of(none, "1") == "expected no arguments, got 1");
    BOOST_TEST(complaint_of(none, "[1,2]") == "expected no arguments, got 2");
    BOOST_TEST(complaint_of(none, "no JSON") == "expected no arguments, got 1");
}

BOOST_AUTO_TEST_CASE(the_number_of_arguments_must_fit) {
    BOOST_TEST(complaint_of(pair, R"([1,"a",2])") == "expected 2 arguments (integer, string), got 3");
    BOOST_TEST(complaint_of(pair, "[]") == "expected 2 arguments (integer, string), got 0");
    BOOST_TEST(complaint_of(pair, "") == "expected 2 arguments (integer, string), got 0");
    BOOST_TEST(complaint_of(pair, "7") == "expected 2 arguments (integer, string), got 1");
    BOOST_TEST(complaint_of(pair, "null") == "expected 2 arguments (integer, string), got 1");
    BOOST_TEST(complaint_of([](int) {}, "") == "expected 1 argument (integer), got 0");
    BOOST_TEST(complaint_of([](int) {}, "[1,2]") == "expected 1 argument (integer), got 2");
    BOOST_TEST(complaint_of(optional_tail, R"(["a",1,true,2])") ==
               "expected 1 to 3 arguments (string, integer?, boolean?), got 4");
    BOOST_TEST(complaint_of([](int, es::variadic<bool>) {}, "[]") ==
               "expected at least 1 argument (integer, boolean...), got 0");
}

BOOST_AUTO_TEST_CASE(an_argument_that_does_not_fit_is_named_by_its_position) {
    BOOST_TEST(complaint_of(pair, R"(["abc","x"])") == "argument 1: expected integer, got string \"abc\"");
    BOOST_TEST(complaint_of(pair, "[1,null]") == "argument 2: expected string, got null");
    BOOST_TEST(complaint_of(sum, "[1,2,true]") == "argument 3: expected number, got true");
    BOOST_TEST(complaint_of([](std::int8_t) {}, "300") == "argument 1: expected integer from -128 to 127, got 300");
    BOOST_TEST(complaint_of([](int) {}, "1.5") == "argument 1: expected integer, got 1.5");
}

BOOST_AUTO_TEST_CASE(within_a_struct_the_path_is_named) {
    const auto place = [](const es::test::order&, int) {};
    BOOST_TEST(complaint_of(place, R"([{"items":[{"name":"a","price":1},{"name":"b","price":null}],"paid":true},1])") ==
               "argument 1, field `items[1].price`: expected number, got null");
    BOOST_TEST(complaint_of(place, R"([{"items":[]},1])") == "argument 1, field `paid`: missing, expected boolean");
}

BOOST_AUTO_TEST_CASE(one_argument_may_stand_bare_or_in_an_array) {
    BOOST_TEST(reply_of([](int number) { return number; }, "5").body == "5");
    BOOST_TEST(reply_of([](int number) { return number; }, "[5]").body == "5");
    BOOST_TEST(complaint_of([](int) {}, R"(["x"])") == "argument 1: expected integer, got string \"x\"");
    const auto priced = [](const es::test::item& one) { return one.price; };
    BOOST_TEST(reply_of(priced, R"({"name":"nut","price":0.5})").body == "0.5");
    BOOST_TEST(reply_of(priced, R"([{"name":"nut","price":0.5}])").body == "0.5");
}

BOOST_AUTO_TEST_CASE(one_list_may_stand_bare_or_in_an_array) {
    BOOST_TEST(reply_of(list_size, "[1,2,3]").body == "3");
    BOOST_TEST(reply_of(list_size, "[[1,2,3]]").body == "3");
    BOOST_TEST(reply_of(list_size, "[]").body == "0");
    BOOST_TEST(complaint_of(list_size, "[1,null]") == "argument 1, item `[1]`: expected integer, got null");
    BOOST_TEST(complaint_of(list_size, "1") == "argument 1: expected list<integer>, got 1");
    const auto maybe = [](std::optional<std::vector<int>> list) { return list ? list->size() : 99; };
    BOOST_TEST(complaint_of(maybe, R"(["x"])") == "argument 1, item `[0]`: expected integer, got string \"x\"");
    BOOST_TEST(reply_of(maybe, "null").body == "99");
}

BOOST_AUTO_TEST_CASE(a_json_value_is_the_whole_body) {
    BOOST_TEST(reply_of([](boost::json::value value) { return value; }, R"([{"a": 1}])").body == R"([{"a":1}])");
    BOOST_TEST(reply_of([](const boost::json::value& a, int) { return a; }, R"([{"a":"x"},1])").body == R"({"a":"x"})");
}

BOOST_AUTO_TEST_CASE(trailing_optional_arguments_may_be_missing) {
    BOOST_TEST(reply_of(optional_tail, R"(["a"])").body == "a--");
    BOOST_TEST(reply_of(optional_tail, R"("a")").body == "a--");
    BOOST_TEST(reply_of(optional_tail, R"(["a",1])").body == "a1-");
    BOOST_TEST(reply_of(optional_tail, R"(["a",null,true])").body == "a-+");
    const auto all = [](std::optional<int> one, std::optional<int> two) { return one.value_or(1) + two.value_or(2); };
    for (const auto* body : {"", "[]", "null"}) BOOST_TEST(reply_of(all, body).body == "3", body);
    BOOST_TEST(reply_of([](std::optional<int> one) { return one.value_or(7); }, "[]").body == "7");
}

BOOST_AUTO_TEST_CASE(a_variadic_parameter_takes_any_number) {
    BOOST_TEST(reply_of(sum, "").body == "0");
    BOOST_TEST(reply_of(sum, "[]").body == "0");
    BOOST_TEST(reply_of(sum, "5").body == "5");
    BOOST_TEST(reply_of(sum, "[1,2.5,3]").body == "6.5");
    const auto join = [](std::string head, es::variadic<std::string> tail) {
        for (const auto& one : tail) head += one;
        return head;
    };
    BOOST_TEST(reply_of(join, R"(["a"])").body == "a");
    BOOST_TEST(reply_of(join, R"(["a","b","c"])").body == "abc");
    BOOST_TEST(reply_of([](es::variadic<bool> flags) { return flags.size(); }, "[true,false]").body == "2");
}

BOOST_AUTO_TEST_CASE(views_among_several_arguments_show_the_decoded_text) {
    const auto join = [](std::string_view text, std::span<const std::byte> bytes) {
        return std::string(text) + std::to_string(bytes.size());
    };
    BOOST_TEST(reply_of(join, R"(["a\u00e9\n","Zm9v"])").body == "a\xC3\xA9\n3");
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_told_with_its_position) {
    BOOST_TEST(complaint_of(pair, "hello") ==
               "the body is not JSON: syntax error at offset 0; expected (integer, string)");
    BOOST_TEST(complaint_of(pair, R"([1,"a")") ==
               "the body is not JSON: incomplete JSON at offset 6; expected (integer, string)");
    BOOST_TEST(complaint_of(pair, "[1,\"\xC0\xAF\"]").starts_with("the body is not JSON: syntax error at offset "));
    BOOST_TEST(complaint_of(pair, R"([1,"\ud800"])").starts_with("the body is not JSON: "));
}

BOOST_AUTO_TEST_CASE(nesting_above_the_calls_limit_is_refused) {
    served_task take([](boost::json::value) {});
    take.environment.nesting = 3;
    BOOST_TEST(take.complaint("[[[]]]").empty());
    BOOST_TEST(take.complaint("[[[[]]]]") == "the body is nested deeper than the limit of 3; expected (json)");
    BOOST_TEST(take.complaint(R"({"a":{"a":{"a":{}}}})").starts_with("the body is nested deeper"));
}

BOOST_AUTO_TEST_CASE(a_coroutine_is_not_begun_with_arguments_that_do_not_fit) {
    bool begun = false;
    served_task task([&begun](int) -> boost::asio::awaitable<void> {
        begun = true;
        co_return;
    });
    BOOST_TEST(task.complaint("true") == "argument 1: expected integer, got true");
    BOOST_TEST(!begun);
}

BOOST_AUTO_TEST_SUITE_END()
