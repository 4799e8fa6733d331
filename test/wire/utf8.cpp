#include "wire/utf8.hpp"
#include "wire/meta.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace echosocket::wire;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(texts_are_utf8) {
    for (const auto text : {""sv, "plain"sv, "\0\x7f"sv, "größe"sv, "\u0080\u07ff\u0800\uffff"sv,
                            "\U00010000\U0010ffff"sv, "\ud7ff\ue000"sv, "0123456789abcdef\u00e9"sv})
        BOOST_TEST(is_utf8(text), text);
}

BOOST_AUTO_TEST_CASE(what_is_broken_is_not) {
    for (const auto text : {
             "\x80"sv, "\xbf"sv,                                                  // a continuation without a lead byte
             "\xc3"sv, "\xe2\x82"sv, "\xf0\x9f\x98"sv,                            // cut short
             "\xc3("sv, "\xe2\x82("sv, "\xf0\x9f\x98("sv,                         // followed by something else
             "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv,  // overlong
             "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,                                  // surrogates
             "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv,                // above the last character
         }) {
        BOOST_TEST(!is_utf8(text));
        // At every position.
        for (std::size_t before = 0; before <= 17; ++before)
            BOOST_TEST(!is_utf8(std::string(before, 'a').append(text).append("behind it")));
    }
}

BOOST_AUTO_TEST_CASE(a_name_has_1_to_255_bytes_of_utf8) {
    BOOST_TEST(!is_valid_name(""));
    BOOST_TEST(is_valid_name("a"));
    BOOST_TEST(is_valid_name(std::string(255, 'a')));
    BOOST_TEST(!is_valid_name(std::string(256, 'a')));
    BOOST_TEST(!is_valid_name("ech\xff"));
}

BOOST_AUTO_TEST_CASE(what_is_shown_moves_no_cursor_and_turns_no_text_around) {
    BOOST_TEST(printable("größe ✓") == "größe ✓");
    BOOST_TEST(printable("\x1b[2Jgone\r\n\t\x7f") == "?[2Jgone????");
    BOOST_TEST(printable("a\u0085b\u009bc") == "a?b?c");
    BOOST_TEST(printable("a\u202eb\u2066c\u2028d\ufeff") == "a?b?c?d?");
    for (const char32_t turns : U"\u061c\u200e\u200f\u202a\u202e\u2066\u2069\u206a\u206f"sv)
        BOOST_TEST(!is_harmless(turns), "U+" << std::hex << static_cast<unsigned>(turns));
    BOOST_TEST(printable("a\u061cb\u200fc\u206dd") == "a?b?c?d");
    BOOST_TEST(printable("a\xff\xfe\xc3,\xe2\x82") == "a???,??");
    BOOST_TEST(printable("\0"sv) == "?");
}

BOOST_AUTO_TEST_CASE(what_belongs_to_words_and_emoji_is_shown) {
    for (const auto* text : {"co\u00adoperate", "می\u200cخواهم", "👨\u200d👩\u200d👧", "❤\ufe0f", "ไทย\u200bคำ"})
        BOOST_TEST(printable(text) == text);
}

BOOST_AUTO_TEST_CASE(what_is_shown_is_cut_between_characters) {
    BOOST_TEST(printable("abcdef", 3) == "abc");
    BOOST_TEST(printable("abé", 3) == "ab");
    BOOST_TEST(printable("abé", 4) == "abé");
    BOOST_TEST(printable("abc", 0) == "");
    BOOST_TEST(printable(std::string(1000, 'x')).size() == 200U);
}

BOOST_AUTO_TEST_SUITE_END()
