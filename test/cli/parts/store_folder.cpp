#include "cli/tasks/store_folder.hpp"
#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>

using echosocket::cli::folder_quota;
using echosocket::cli::incoming_file;
using echosocket::cli::is_partial_name;
using echosocket::cli::partial_file;
using echosocket::testing::temporary_directory;
using echosocket::testing::words;

namespace {

constexpr folder_quota ten_blocks{40 * 1024, "--quota"};

struct stored_fixture {
    temporary_directory where;

    void write(const std::string& name, std::size_t bytes) const {
        std::ofstream(where.path() / name) << std::string(bytes, 'x');
    }
};

echosocket::result<void> add(echosocket::cli::store_folder& to, const std::string& name, std::size_t bytes) {
    auto file = incoming_file::create(to, ten_blocks, name);
    if (!file) return file.error();
    if (auto written = file->write(std::string(bytes, 'x')); !written) return written;
    auto path = file->keep();
    if (!path) return path.error();
    return {};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_folder, stored_fixture)

BOOST_AUTO_TEST_CASE(what_a_killed_program_left_is_removed_and_nothing_else) {
    const words foreign{".a.0123abcd.part", ".a.echosocket.part", ".hidden", "a.01234567.echosocket.part", "b.txt"};
    for (const auto& name : foreign) write(name, 1);
    write(".a.txt.0123abcv.echosocket.part", 1);
    write(".b.vvvvvvvv.echosocket.part", 1);
    std::filesystem::create_symlink("b.txt", where.path() / ".c.00000000.echosocket.part");
    std::filesystem::create_directory(where.path() / ".d.00000000.echosocket.part");
    const echosocket::cli::store_folder folder(where.path());
    BOOST_TEST(folder.abandoned() == 2U);
    words left{".a.0123abcd.part",
               ".a.echosocket.part",
               ".c.00000000.echosocket.part",
               ".d.00000000.echosocket.part",
               ".hidden",
               "a.01234567.echosocket.part",
               "b.txt"};
    BOOST_TEST(where.names() == left, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_being_written_stays) {
    auto written = partial_file::create(where.path(), "a");
    BOOST_REQUIRE(written);
    BOOST_TEST(is_partial_name(where.names().at(0)));
    const echosocket::cli::store_folder folder(where.path());
    BOOST_TEST(folder.abandoned() == 0U);
    BOOST_TEST(written->write("x").has_value());
    BOOST_TEST(written->keep().has_value());
    BOOST_TEST(where.names() == words{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_that_were_there_count) {
    write("before", 30 * 1024);
    echosocket::cli::store_folder folder(where.path());
    BOOST_TEST(add(folder, "fits", 8 * 1024).has_value());
    const auto refused = add(folder, "a", 1);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code == echosocket::errc::overloaded));
    BOOST_TEST(refused.error().detail.find("40 KiB together; `--quota` sets that") != std::string::npos);
    BOOST_TEST(where.names() == (words{"before", "fits"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_that_outgrows_the_quota_gives_its_room_back) {
    echosocket::cli::store_folder folder(where.path());
    BOOST_TEST(!add(folder, "large", 40 * 1024 + 1));
    BOOST_TEST(add(folder, "right", 40 * 1024).has_value());
    BOOST_TEST(where.names() == words{"right"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_that_are_being_written_count) {
    echosocket::cli::store_folder folder(where.path());
    auto file = incoming_file::create(folder, ten_blocks, "a");
    BOOST_REQUIRE(file);
    BOOST_TEST(file->write(std::string(36 * 1024, 'x')).has_value());
    BOOST_TEST(!add(folder, "b", 8 * 1024));
    file->discard();
    BOOST_TEST(add(folder, "b", 8 * 1024).has_value());
}

BOOST_AUTO_TEST_CASE(empty_files_are_not_for_nothing) {
    echosocket::cli::store_folder folder(where.path());
    for (int i = 0; i < 10; ++i) BOOST_TEST(add(folder, std::to_string(i), 0).has_value());
    BOOST_TEST(!add(folder, "one more", 0));
}

BOOST_AUTO_TEST_CASE(files_that_somebody_removed_make_room_again) {
    echosocket::cli::store_folder folder(where.path());
    BOOST_TEST(add(folder, "a", 40 * 1024).has_value());
    std::filesystem::remove(where.path() / "a");
    BOOST_TEST(add(folder, "b", 40 * 1024).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
