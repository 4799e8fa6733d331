#include "cli/completion.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;

namespace {

const std::vector<std::string> tasks{"echo",  "reverse", "sleep",     "sum",    "sums",
                                     "größe", "grün",    "two words", "\x1b[2J"};

}  // namespace

BOOST_AUTO_TEST_SUITE(completion)

BOOST_AUTO_TEST_CASE(a_beginning_of_one_name_is_completed_with_a_blank) {
    BOOST_TEST(find_completion("rev", tasks).insert == "erse ");
    BOOST_TEST(find_completion("  ec", tasks).insert == "ho ");
    BOOST_TEST(find_completion("echo", tasks).insert == " ");
}

BOOST_AUTO_TEST_CASE(a_beginning_of_several_gets_what_they_share_and_then_the_choice) {
    const auto shared = find_completion("su", tasks);
    BOOST_TEST(shared.insert == "m");
    const auto choice = find_completion("s", tasks);
    BOOST_TEST(choice.insert == "");
    BOOST_TEST(choice.choices == (std::vector<std::string>{"sleep", "sum", "sums"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(characters_are_never_cut) {
    BOOST_TEST(find_completion("g", tasks).insert == "r");
}

BOOST_AUTO_TEST_CASE(nothing_fits_or_it_is_no_first_word) {
    BOOST_TEST(find_completion("x", tasks).choices.empty());
    BOOST_TEST(find_completion("echo re", tasks).choices.empty());
    BOOST_TEST(find_completion("echo ", tasks).insert == "");
    BOOST_TEST(find_completion("", {}).choices.empty());
}

BOOST_AUTO_TEST_CASE(names_that_must_not_be_typed_are_not_offered) {
    BOOST_TEST(find_completion("two", tasks).choices.empty());
    BOOST_TEST(find_completion("\x1b", tasks).choices.empty());
}

BOOST_AUTO_TEST_SUITE_END()
