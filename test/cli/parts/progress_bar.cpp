#include "cli/progress_bar.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using echosocket::cli::progress_line;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(progress_bar)

BOOST_AUTO_TEST_CASE(it_shows_part_whole_and_rate) {
    BOOST_TEST(progress_line("a.bin", 512 * 1024, 1024 * 1024, 2s, 200) ==
               "a.bin  50 % [##########----------] 512 KiB of 1 MiB, 256 KiB/s");
}

BOOST_AUTO_TEST_CASE(without_a_known_whole_there_is_no_bar) {
    BOOST_TEST(progress_line("a.bin", 2048, std::nullopt, 1s, 200) == "a.bin 2 KiB, 2 KiB/s");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_empty_or_grows_is_never_above_its_whole) {
    BOOST_TEST(progress_line("a", 0, 0, 0s, 200) == "a 100 % [####################] 0 bytes of 0 bytes");
    BOOST_TEST(progress_line("a", 4096, 1024, 1s, 200) == "a 100 % [####################] 4 KiB of 4 KiB, 4 KiB/s");
}

BOOST_AUTO_TEST_CASE(it_stays_on_one_row_and_moves_no_terminal) {
    BOOST_TEST(progress_line("a.bin", 1, 2, 1s, 10) == "a.bin  50 ");
    // append, because GCC 12 warns wrongly of + here.
    BOOST_TEST(progress_line(std::string(100, 'x'), 1, std::nullopt, 0s, 200) ==
               std::string(30, 'x').append(" 1 byte"));
    BOOST_TEST(progress_line("a\n\x1b[2J", 1, std::nullopt, 0s, 200) == "a\\n\\x1b[2J 1 byte");
}

BOOST_AUTO_TEST_SUITE_END()
