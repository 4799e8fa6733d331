#include "cli/tasks/text_tasks.hpp"
#include "cli/tasks/execute.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;
using namespace std::string_literals;

namespace {

std::string reversed(std::string_view text) {
    return reverse_text(text).value_or("refused");
}

std::string capitals(std::string_view text) {
    return upper_text(text).value_or("refused");
}

std::vector<std::string> command(std::string_view line) {
    return parse_command_line(line).value_or(std::vector<std::string>{"refused"});
}

using list = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(text_tasks)

BOOST_AUTO_TEST_CASE(text_is_reversed_by_code_point) {
    BOOST_TEST(reversed("") == "");
    BOOST_TEST(reversed("abc") == "cba");
    BOOST_TEST(reversed("aü€😀") == "😀€üa");
    BOOST_TEST((reversed("a\0b"s) == "b\0a"s));
}

BOOST_AUTO_TEST_CASE(letters_of_every_script_get_their_capital) {
    BOOST_TEST(capitals("abc xyz 123") == "ABC XYZ 123");
    BOOST_TEST(capitals("äé ñ ж ω") == "ÄÉ Ñ Ж Ω");
    BOOST_TEST(capitals("ß 漢 😀") == "ß 漢 😀");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_refused_with_the_place) {
    for (const auto* bytes : {"\xff", "ab\xc3", "a\xed\xa0\x80"}) {
        BOOST_TEST(reversed(bytes) == "refused");
        BOOST_TEST(capitals(bytes) == "refused");
    }
    BOOST_TEST(reverse_text("ab\xc3").error().detail.find("byte 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(time_is_written_in_utc_with_milliseconds) {
    using namespace std::chrono;
    BOOST_TEST(iso_time(sys_days(2024y / February / 29) + 12h + 34min + 56s + 789ms) == "2024-02-29T12:34:56.789Z");
    BOOST_TEST(iso_time(sys_days(1970y / January / 1)) == "1970-01-01T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_command_line_is_words_or_a_json_array_of_them) {
    BOOST_TEST(command("ls -l 'a b'") == (list{"ls", "-l", "a b"}), boost::test_tools::per_element());
    BOOST_TEST(command(R"(["ls", "a b"])") == (list{"ls", "a b"}), boost::test_tools::per_element());
    BOOST_TEST(command(R"([["ls"]])") == (list{"ls"}), boost::test_tools::per_element());
    for (const auto* line : {"", " ", "[", "[]", "[1]", "[[]]", "[\"a\\u0000\"]", "'"})
        BOOST_TEST(command(line) == list{"refused"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
