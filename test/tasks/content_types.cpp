#include "tasks/served_call.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <span>

namespace es = echosocket;
using es::test::served_task;
using namespace std::string_literals;

namespace {

/// A call of our client with these arguments.
template <class Handler, class... Args>
es::test::recorded_reply call_with(Handler handler, const Args&... args) {
    served_task task(std::move(handler));
    const auto body = es::encode_arguments(args...);
    task.environment.type = body.type;
    return task.call(body.bytes);
}

std::string greet(std::string name, std::optional<int> times) {
    return name + std::to_string(times.value_or(-1));
}

std::string joined(std::string_view head, es::variadic<std::string> tail) {
    std::string all(head);
    for (const auto& one : tail) all += '+' + one;
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(content_types)

BOOST_AUTO_TEST_CASE(one_string_is_enough_where_the_rest_may_be_missing) {
    BOOST_TEST(call_with(greet, "Ann").body == "Ann-1");
    BOOST_TEST(call_with(greet, "Ann", 3).body == "Ann3");
    BOOST_TEST(call_with(joined, "a").body == "a");
    BOOST_TEST(call_with(joined, "a", "b", "c").body == "a+b+c");
    BOOST_TEST(call_with([](es::variadic<std::string> all) { return all.size(); }, "one").body == "1");
    BOOST_TEST(call_with([](std::optional<std::string> text) { return text.value_or("none"); }, "some").body == "some");
}

BOOST_AUTO_TEST_CASE(a_string_that_looks_like_json_is_still_that_string) {
    for (const auto& text : {R"(["a",1])"s, R"("quoted")"s, "null"s, "[]"s, "5"s, "\xFF\0\n"s})
        BOOST_TEST(call_with(greet, text).body == text + "-1");
}

BOOST_AUTO_TEST_CASE(an_empty_string_is_an_argument_where_one_is_needed) {
    BOOST_TEST(call_with(greet, "").body == "-1");
    BOOST_TEST(call_with([](std::optional<std::string> text) { return text.value_or("none"); }, "").body == "none");
}

BOOST_AUTO_TEST_CASE(bytes_are_taken_like_a_string) {
    const auto size = [](std::span<const std::byte> bytes, std::optional<int>) { return bytes.size(); };
    BOOST_TEST(call_with(size, std::vector{std::byte{0}, std::byte{0xFF}, std::byte{'"'}}).body == "3");
    BOOST_TEST(call_with([](std::optional<std::vector<std::byte>> bytes) { return bytes->size(); }, "four").body ==
               "4");
}

BOOST_AUTO_TEST_CASE(where_no_string_is_expected_the_body_is_read_as_json_whatever_it_is_called) {
    served_task add([](int a, std::optional<int> b) { return a + b.value_or(0); });
    add.environment.type = es::content_type::bytes;
    BOOST_TEST(add.call("5").body == "5");
    BOOST_TEST(add.call("[5,6]").body == "11");
    BOOST_TEST(call_with([](int, std::string) {}, "text").error->detail.starts_with("the body is not JSON"));
    BOOST_TEST(call_with([](std::string, std::string) {}, "text").error->detail.starts_with("the body is not JSON"));
}

BOOST_AUTO_TEST_CASE(a_type_that_is_unknown_is_read_as_json) {
    served_task task(greet);
    task.environment.type = static_cast<es::content_type>(200);
    BOOST_TEST(task.call(R"(["Ann",2])").body == "Ann2");
}

BOOST_AUTO_TEST_CASE(a_handler_may_ask_how_the_body_was_made) {
    const auto tell = [](const es::task_context& call, std::string_view body) {
        return std::string(call.content_type() == es::content_type::json ? "json " : "bytes ") + std::string(body);
    };
    BOOST_TEST(call_with(tell, "text").body == "bytes text");
    BOOST_TEST(call_with(tell, 5).body == "json 5");
    BOOST_TEST(call_with(tell, 5, "x").body == R"(json [5,"x"])");
}

BOOST_AUTO_TEST_SUITE_END()
