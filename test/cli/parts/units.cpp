#include "cli/units.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace echosocket::cli;

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(a_number_without_a_unit_is_milliseconds) {
    BOOST_TEST((parse_duration("250") == 250ms));
    BOOST_TEST((parse_duration("0") == 0ms));
}

BOOST_AUTO_TEST_CASE(durations_take_units_and_fractions) {
    BOOST_TEST((parse_duration("500ms") == 500ms));
    BOOST_TEST((parse_duration("2s") == 2000ms));
    BOOST_TEST((parse_duration("1.5s") == 1500ms));
    BOOST_TEST((parse_duration("2m") == 120'000ms));
    BOOST_TEST((parse_duration("1h") == 3'600'000ms));
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
    for (const auto* text :
         {"", "s", "-1", "-0", "+1", "1 s", "1sec", "2S", "nan", "inf", "1e3s", "0x10", "1000h1", "9999999h"})
        BOOST_TEST(!parse_duration(text), text);
}

BOOST_AUTO_TEST_CASE(sizes_count_by_1024) {
    BOOST_TEST((parse_size("4096") == 4096u));
    BOOST_TEST((parse_size("10B") == 10u));
    BOOST_TEST((parse_size("64KiB") == 65'536u));
    BOOST_TEST((parse_size("1.5M") == 1'572'864u));
    BOOST_TEST((parse_size("2G") == std::uint64_t{2} << 30));
    for (const auto* text : {"", "-1", "K", "1kb", "99999999TiB", "nan"}) BOOST_TEST(!parse_size(text), text);
}

BOOST_AUTO_TEST_CASE(durations_are_shown_in_the_unit_that_fits) {
    BOOST_TEST(format_duration(123'456ns) == "0.123 ms");
    BOOST_TEST(format_duration(45ms) == "45 ms");
    BOOST_TEST(format_duration(1500ms) == "1.5 s");
    BOOST_TEST(format_duration(200s) == "3 min 20 s");
    BOOST_TEST(format_duration(90min) == "1 h 30 min");
    BOOST_TEST(format_duration(49h) == "2 d 1 h");
}

BOOST_AUTO_TEST_CASE(sizes_are_shown_in_the_unit_that_fits) {
    BOOST_TEST(format_size(1) == "1 byte");
    BOOST_TEST(format_size(512) == "512 bytes");
    BOOST_TEST(format_size(1536) == "1.5 KiB");
    BOOST_TEST(format_size(64u << 20) == "64 MiB");
}

BOOST_AUTO_TEST_SUITE_END()
