#include "cli/call_body.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket;

BOOST_AUTO_TEST_SUITE(call_body)

BOOST_AUTO_TEST_CASE(the_bytes_are_never_touched) {
    for (const auto* data : {"", "text", "[1, 2]", " [1]\n", "[1", "{\"a\": 1}"})
        BOOST_TEST(cli::body_of(data).bytes == data);
}

BOOST_AUTO_TEST_CASE(a_json_array_is_a_list_of_arguments) {
    for (const auto* data : {"[]", "[1, 2]", " \t\r\n[\"a\", {\"b\": null}] "})
        BOOST_CHECK_MESSAGE(cli::body_of(data).type == content_type::json, data);
}

BOOST_AUTO_TEST_CASE(everything_else_is_a_text) {
    for (const auto* data : {"", " ", "text", "[text]", "[1", "[1] 2", "5", "\"quoted\"", "{}", "null"})
        BOOST_CHECK_MESSAGE(cli::body_of(data).type == content_type::bytes, data);
    BOOST_CHECK(cli::body_of(std::string(1'000'000, '[')).type == content_type::bytes);
}

BOOST_AUTO_TEST_SUITE_END()
