#include "cli/tasks/file_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;

BOOST_AUTO_TEST_SUITE(file_name)

BOOST_AUTO_TEST_CASE(the_last_part_of_the_path_is_the_name) {
    BOOST_TEST(safe_file_name("/a/b/report.pdf") == "report.pdf");
    BOOST_TEST(safe_file_name("/two%20words.txt") == "two_words.txt");
}

BOOST_AUTO_TEST_CASE(a_path_without_a_name_is_called_download) {
    for (const auto* path : {"/", "", "/a/", "/..", "/.", "/...", "/-", "/%2e%2e"})
        BOOST_TEST(safe_file_name(path) == "download", path);
}

BOOST_AUTO_TEST_CASE(no_name_leads_out_of_the_directory_or_hides) {
    BOOST_TEST(safe_file_name("/..%2f..%2fetc%2fpasswd") == "_.._etc_passwd");
    BOOST_TEST(safe_file_name("/%2fetc%2fpasswd") == "_etc_passwd");
    BOOST_TEST(safe_file_name("/..%5cboot.ini") == "_boot.ini");
    BOOST_TEST(safe_file_name("/.bashrc") == "bashrc");
    BOOST_TEST(safe_file_name("/-rf") == "rf");
    BOOST_TEST(safe_file_name("/a%00b") == "a_b");
    BOOST_TEST(safe_file_name("/a%0ab%1b") == "a_b_");
    BOOST_TEST(safe_file_name("/gr%C3%BCn") == "gr__n");
}

BOOST_AUTO_TEST_CASE(a_broken_escape_is_plain_text) {
    BOOST_TEST(safe_file_name("/50%") == "50_");
    BOOST_TEST(safe_file_name("/50%2") == "50_2");
    BOOST_TEST(safe_file_name("/50%zz") == "50_zz");
}

BOOST_AUTO_TEST_CASE(a_long_name_is_cut_and_keeps_its_ending) {
    const auto name = safe_file_name("/" + std::string(500, 'x') + ".tar");
    BOOST_TEST(name.size() == longest_file_name);
    BOOST_TEST(name.ends_with("x.tar"));
    BOOST_TEST(safe_file_name("/a." + std::string(500, 'x')).size() == longest_file_name);
}

BOOST_AUTO_TEST_CASE(numbers_go_before_the_ending) {
    BOOST_TEST(numbered_file_name("report.pdf", 0) == "report.pdf");
    BOOST_TEST(numbered_file_name("report.pdf", 2) == "report-2.pdf");
    BOOST_TEST(numbered_file_name("README", 1) == "README-1");
}

BOOST_AUTO_TEST_SUITE_END()
