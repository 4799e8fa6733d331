#include "cli/words.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;
using namespace std::string_literals;

namespace {

std::vector<std::string> words_of(std::string_view line) {
    auto split = split_words(line);
    BOOST_REQUIRE_MESSAGE(split, line);
    return *split;
}

void is_refused(std::string_view line) {
    const auto split = split_words(line);
    BOOST_REQUIRE_MESSAGE(!split, line);
    BOOST_TEST((split.error().code == echosocket::errc::bad_request));
    BOOST_TEST(!split.error().detail.empty());
}

using list = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(typed_words)

BOOST_AUTO_TEST_CASE(blanks_separate_and_an_empty_line_has_no_words) {
    BOOST_TEST(words_of("ls -l\t/tmp\n") == (list{"ls", "-l", "/tmp"}), boost::test_tools::per_element());
    BOOST_TEST(words_of("").empty());
    BOOST_TEST(words_of(" \t\n ").empty());
}

BOOST_AUTO_TEST_CASE(single_quotes_keep_everything) {
    BOOST_TEST(words_of(R"('a b' '\n"$x')") == (list{"a b", R"(\n"$x)"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(double_quotes_let_a_backslash_escape_only_what_posix_names) {
    BOOST_TEST(words_of(R"("a\"b" "\$x \\ \` \n")") == (list{"a\"b", R"($x \ ` \n)"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(outside_quotes_a_backslash_escapes_anything) {
    BOOST_TEST(words_of(R"(a\ b \'c\" d\\)") == (list{"a b", "'c\"", "d\\"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_escaped_newline_joins_lines) {
    BOOST_TEST(words_of("ab\\\ncd \"e\\\nf\"") == (list{"abcd", "ef"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(empty_quotes_make_an_empty_word_and_quoted_parts_join) {
    BOOST_TEST(words_of(R"('' "" a'b'"c")") == (list{"", "", "abc"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_expanded) {
    BOOST_TEST(words_of("echo $HOME * ; rm | cat > f `x` ~") ==
                   (list{"echo", "$HOME", "*", ";", "rm", "|", "cat", ">", "f", "`x`", "~"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_split_is_refused) {
    is_refused("echo 'open");
    is_refused("echo \"open");
    is_refused("echo \"open\\");
    is_refused("echo end\\");
    is_refused("echo a\0b"s);
    is_refused("echo 'a\0b'"s);
    is_refused("echo \"\0\""s);
}

BOOST_AUTO_TEST_SUITE_END()
