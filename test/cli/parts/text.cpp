#include "cli/text.hpp"

#include "cli/table.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(code_points_of_every_length_go_there_and_back) {
    for (const char32_t c :
         {U'\0', U'a', U'\x7f', U'\x80', U'ü', U'\x7ff', U'\x800', U'€', U'\xffff', U'\x10000', U'😀', U'\x10ffff'}) {
        std::string text;
        append_code_point(text, c);
        std::string_view rest = text;
        BOOST_TEST((take_code_point(rest) == c));
        BOOST_TEST(rest.empty());
    }
}

BOOST_AUTO_TEST_CASE(broken_utf8_is_no_text) {
    for (const auto& bytes : {"\x80"s, "\xc3"s, "\xc3("s, "\xc0\xaf"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s,
                              "\xf0\x80\x80\x80"s, "\xf4\x90\x80\x80"s, "\xf8\x88\x80\x80\x80"s, "\xff"s})
        BOOST_TEST(!is_text(bytes));
    BOOST_TEST(is_text("plain, schön, 😀"));
    BOOST_TEST(is_text(""));
}

BOOST_AUTO_TEST_CASE(what_moves_a_terminal_is_shown_as_an_escape) {
    BOOST_TEST(printable("a\x1b[2Jb") == "a\\x1b[2Jb");
    BOOST_TEST(printable("\a\b\r\x7f") == "\\x07\\x08\\x0d\\x7f");
    BOOST_TEST(printable("\xc2\x9b"
                         "31m") == "\\u009b31m");
    BOOST_TEST(printable("\u202egpj.exe") == "\\u202egpj.exe");
    BOOST_TEST(printable("\u061c1-2\u206a") == "\\u061c1-2\\u206a");
    BOOST_TEST(printable("a\xff\xc3") == "a\\xff\\xc3");
    BOOST_TEST(printable("nul\0!"s) == "nul\\x00!");
}

BOOST_AUTO_TEST_CASE(ordinary_text_stays_as_it_is) {
    BOOST_TEST(printable("grün\tund\n😀 blau") == "grün\tund\n😀 blau");
}

BOOST_AUTO_TEST_CASE(line_breaks_are_escaped_where_one_line_is_wanted) {
    BOOST_TEST(one_line("a\nb") == "a\\nb");
    BOOST_TEST(one_line("a\u2028b") == "a\\u2028b");
}

BOOST_AUTO_TEST_CASE(json_stays_json_of_the_same_value) {
    BOOST_TEST(printable_json("{\"a\":\"grün\x7f\u009b\u202e\u2069\u200f😀\"}") ==
               "{\"a\":\"grün\\u007f\\u009b\\u202e\\u2069\\u200f😀\"}");
    BOOST_TEST(printable_json("\"a\xff\xc2\"") == "\"a\\ufffd\\ufffd\"");
}

BOOST_AUTO_TEST_CASE(a_character_that_is_cut_at_the_end_is_found) {
    const auto smile = "😀"s;
    for (std::size_t size = 1; size != smile.size(); ++size)
        BOOST_TEST(unfinished_size("a" + smile.substr(0, size)) == size);
    for (const auto& whole : {""s, "a"s, smile, "a\x80"s, "\xff"s, "\xc3\xbc"s, "\x80\x80\x80\x80"s})
        BOOST_TEST(unfinished_size(whole) == 0U);
}

BOOST_AUTO_TEST_CASE(columns_are_aligned_by_characters) {
    BOOST_TEST(format_table({{"a", "bb", "c"}, {"üü", "", "dd"}}) == "a   bb  c\nüü      dd\n");
    BOOST_TEST(format_table({{"name", ""}, {"x", "y"}}) == "name\nx     y\n");
    BOOST_TEST(format_table({}).empty());
}

BOOST_AUTO_TEST_CASE(one_huge_cell_does_not_push_the_other_rows_away) {
    const std::string huge(50, 'x');
    BOOST_TEST(format_table({{"a", "1"}, {huge, "2"}}) == "a  1\n" + huge + "  2\n");
}

BOOST_AUTO_TEST_SUITE_END()
