#include "cli/state_file.hpp"
#include "cli/tasks/partial_file.hpp"
#include "cli/tasks/programs.hpp"
#include "support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace echosocket::cli;
using echosocket::testing::temporary_directory;
using echosocket::testing::words;

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Changes an environment variable for its lifetime.
class changed_variable {
public:
    changed_variable(const char* name, const std::string& value) : name_(name) {
        if (const char* old = std::getenv(name)) old_ = old;
        ::setenv(name, value.c_str(), 1);
    }
    changed_variable(const changed_variable&) = delete;
    changed_variable& operator=(const changed_variable&) = delete;
    ~changed_variable() {
        if (old_) {
            ::setenv(name_, old_->c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
    }

private:
    const char* name_;
    std::optional<std::string> old_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_kept_file_has_its_name_and_nothing_else_is_left) {
    const temporary_directory where;
    {
        auto file = partial_file::create(where.path(), "a.txt");
        BOOST_REQUIRE(file);
        BOOST_REQUIRE(file->write("one "));
        BOOST_REQUIRE(file->write("two"));
        BOOST_TEST(where.names().at(0).starts_with(".a.txt."));
        auto path = file->keep();
        BOOST_REQUIRE(path);
        BOOST_TEST(contents(*path) == "one two");
    }
    BOOST_TEST(where.names() == words{"a.txt"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_kept_goes) {
    const temporary_directory where;
    {
        auto file = partial_file::create(where.path(), "a.txt");
        BOOST_REQUIRE(file);
        BOOST_REQUIRE(file->write("part"));
        auto moved = std::move(*file);
    }
    BOOST_TEST(where.names().empty());
}

BOOST_AUTO_TEST_CASE(a_replacing_file_takes_the_name_of_another) {
    const temporary_directory where;
    const std::string name(255, 'n');  // the longest there is; the hidden name must not be longer
    std::ofstream(where.path() / name) << "old";
    auto file = partial_file::create(where.path(), name);
    BOOST_REQUIRE(file);
    BOOST_REQUIRE(file->write("new"));
    BOOST_TEST(contents(where.path() / name) == "old");
    BOOST_REQUIRE(file->replace());
    BOOST_TEST(contents(where.path() / name) == "new");
    BOOST_TEST(where.names() == words{name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_taken_name_is_numbered_even_if_it_is_a_dangling_link) {
    const temporary_directory where;
    fs::create_symlink("/nonexistent/target", where.path() / "a.txt");
    auto file = partial_file::create(where.path(), "a.txt");
    BOOST_REQUIRE(file);
    auto path = file->keep();
    BOOST_REQUIRE(path);
    BOOST_TEST(path->filename() == "a-1.txt");
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_told) {
    const auto file = partial_file::create("/nonexistent/directory", "a");
    BOOST_REQUIRE(!file);
    BOOST_TEST(file.error().detail.find("No such file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(programs_are_allowed_by_name_or_by_the_path_that_it_had) {
    const auto found = program_list::find({"sh"});
    BOOST_REQUIRE(found);
    const auto path = found->path_of("sh");
    BOOST_REQUIRE(path);
    BOOST_TEST(path->ends_with("/sh"));
    BOOST_TEST((found->path_of(*path) == *path));
    BOOST_TEST(!found->path_of("./sh"));
    BOOST_TEST(!found->path_of("ls"));
    BOOST_TEST(!found->path_of(""));
}

BOOST_AUTO_TEST_CASE(what_lies_in_the_working_directory_is_not_found_through_path) {
    const temporary_directory where;
    const auto script = where.path() / "local-program";
    std::ofstream(script) << "#!/bin/sh\n";
    fs::permissions(script, fs::perms::owner_all);
    const auto before = fs::current_path();
    fs::current_path(where.path());
    {
        const changed_variable path("PATH", ":.:");
        BOOST_TEST(!program_list::find({"local-program"}));
    }
    {
        const changed_variable path("PATH", "/nonexistent:" + where.path().string());
        BOOST_TEST(!!program_list::find({"local-program"}));
    }
    fs::current_path(before);
    BOOST_TEST(!!program_list::find({script.string()}));
    BOOST_TEST(!program_list::find({""}));
    BOOST_TEST(!program_list::find({where.path().string()}));
}

BOOST_AUTO_TEST_CASE(the_history_lies_where_xdg_says) {
    const temporary_directory where;
    const changed_variable home("HOME", where.path().string());
    {
        const changed_variable state("XDG_STATE_HOME", (where.path() / "state").string());
        BOOST_TEST((history_file() == where.path() / "state/echosocket/history"));
        const auto mode = fs::status(where.path() / "state/echosocket").permissions();
        BOOST_TEST((mode == fs::perms::owner_all));
    }
    const changed_variable state("XDG_STATE_HOME", "relative");
    BOOST_TEST((history_file() == where.path() / ".local/state/echosocket/history"));
    const changed_variable nowhere("HOME", "");
    BOOST_TEST(!history_file());
}

BOOST_AUTO_TEST_SUITE_END()
