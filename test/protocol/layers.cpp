// wire <- protocol <- connection <- server, client <- the command: an #include may only follow the arrows backwards.
#include "support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace files = std::filesystem;
using words = std::vector<std::string_view>;

std::vector<std::string> sources_below(const std::string& folder) {
    const files::path root(ECHOSOCKET_SOURCE_DIR);
    std::vector<std::string> found;
    for (const auto& entry : files::recursive_directory_iterator(root / folder)) {
        const auto extension = entry.path().extension();
        if (extension == ".cpp" || extension == ".hpp") found.push_back(files::relative(entry.path(), root).string());
    }
    BOOST_REQUIRE(!found.empty());
    return found;
}

/// The source's includes, each with the bracket or quote that opens it: `<vector`, `"net/outbox.hpp`.
std::vector<std::string> includes_of(const std::string& source) {
    std::istringstream lines(echosocket::test::read_source(source));
    std::vector<std::string> includes;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#include")) continue;
        const auto begin = line.find_first_of("<\"");
        includes.push_back(line.substr(begin, line.find_first_of(">\"", begin + 1) - begin));
    }
    return includes;
}

template <class Allowed>
void check_includes(const std::string& folder, Allowed allowed) {
    for (const auto& source : sources_below(folder))
        for (const auto& include : includes_of(source)) BOOST_TEST(allowed(include), source << " includes " << include);
}

bool begins_with_any(std::string_view include, words prefixes) {
    return std::ranges::any_of(prefixes, [include](std::string_view prefix) { return include.starts_with(prefix); });
}

bool is_private(std::string_view include) {
    return include.starts_with('"');
}

/// Belong to no room: several need jitter and shuffling, and tables under texts that peers choose.
bool is_loose(std::string_view include) {
    return include == "\"random_numbers.hpp" || include == "\"seeded_hash.hpp";
}

bool touches_no_system(std::string_view include) {
    return !begins_with_any(include, {"<boost/asio", "<sys/", "<atomic"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(a_room_includes_only_rooms_below_it) {
    const std::map<std::string_view, words> below = {
        {"wire", {"wire/"}},
        {"memory", {"memory/"}},
        {"async", {"async/"}},
        {"time", {"time/", "async/"}},
        {"protocol", {"protocol/", "wire/", "memory/"}},
        {"io", {"io/", "async/", "time/", "memory/"}},
        {"tasks", {"tasks/", "wire/"}},
        {"connection", {"connection/", "protocol/", "wire/", "io/", "async/", "memory/", "time/", "tasks/"}},
        {"testing", {"testing/", "async/"}},
        {"simulation", {"simulation/", "async/"}},
    };
    for (const auto& [room, allowed] : below) {
        check_includes("src/" + std::string(room), [&allowed = allowed](std::string_view include) {
            return !is_private(include) || begins_with_any(include.substr(1), allowed) || is_loose(include);
        });
    }
}

BOOST_AUTO_TEST_CASE(the_pure_rooms_include_nothing_that_waits_or_sends) {
    for (const std::string room : {"src/wire", "src/protocol", "src/memory"}) {
        check_includes(room, [](std::string_view include) {
            return !begins_with_any(
                include, {"<boost/asio/awaitable", "<boost/asio/io_", "<boost/asio/co_", "<boost/beast", "<netinet/",
                          "<arpa/", "<unistd", "<poll", "<thread", "<mutex", "<shared_mutex", "<condition_variable",
                          "<future", "<coroutine"});
        });
    }
    check_includes("src/wire", touches_no_system);
    check_includes("src/protocol", touches_no_system);
}

/// So that what the pure rooms take from the public face brings in neither Asio nor JSON.
BOOST_AUTO_TEST_CASE(the_pure_public_headers_include_only_each_other) {
    constexpr std::string_view pure[] = {"<echosocket/content_type.hpp", "<echosocket/error.hpp",
                                         "<echosocket/limits.hpp", "<echosocket/result.hpp"};
    const auto is_pure = [&pure](std::string_view include) {
        return std::ranges::find(pure, include) != std::end(pure);
    };
    for (const auto header : pure) {
        const auto source = "include/" + std::string(header.substr(1));
        for (const auto& include : includes_of(source))
            BOOST_TEST((!begins_with_any(include, {"<echosocket/", "<boost/", "\""}) || is_pure(include)),
                       source << " includes " << include);
    }
    for (const std::string room : {"src/wire", "src/protocol"}) {
        check_includes(room, [&is_pure](std::string_view include) {
            return !include.starts_with("<echosocket/") || is_pure(include);
        });
    }
}

/// Whoever knows the hash of a table can fill one of its buckets. The names of tasks are those that were registered.
BOOST_AUTO_TEST_CASE(tables_under_texts_are_seeded) {
    for (const auto& source : sources_below("src")) {
        if (source == "src/seeded_hash.hpp" || source == "src/tasks/task_table.hpp") continue;
        const auto text = echosocket::test::read_source(source);
        for (const std::string table : {"unordered_map", "unordered_set", "unordered_flat_map", "unordered_flat_set"})
            BOOST_TEST(text.find(table + "<std::string") == std::string::npos, source << ": use name_map");
    }
}

BOOST_AUTO_TEST_CASE(the_protocol_asks_no_clock_and_suspends_nowhere) {
    for (const std::string room : {"src/wire", "src/protocol"}) {
        for (const auto& source : sources_below(room)) {
            const auto text = echosocket::test::read_source(source);
            for (const std::string_view word : {"clock::now", "asio", "co_await", "std::thread", "std::mutex"})
                BOOST_TEST(text.find(word) == std::string::npos, source << " mentions " << word);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_connection_knows_neither_server_nor_client) {
    for (const std::string room : {"src/connection", "src/io", "src/tasks", "src/async", "src/time"})
        check_includes(room, [](std::string_view include) {
            return !begins_with_any(include, {"<echosocket/echosocket", "<echosocket/server", "<echosocket/client"});
        });
}

BOOST_AUTO_TEST_CASE(server_and_client_do_not_know_each_other) {
    check_includes("src/server", [](std::string_view include) { return !include.starts_with("\"client/"); });
    check_includes("src/client", [](std::string_view include) { return !include.starts_with("\"server/"); });
}

BOOST_AUTO_TEST_CASE(only_the_simulation_includes_the_simulation) {
    for (const auto& source : sources_below("src")) {
        if (source.starts_with("src/simulation/")) continue;
        for (const auto& include : includes_of(source))
            BOOST_TEST((!include.starts_with("\"simulation/") && include != "<echosocket/simulation.hpp"),
                       source << " includes " << include);
    }
}

BOOST_AUTO_TEST_CASE(only_the_command_includes_the_command) {
    for (const auto& source : sources_below("src")) {
        if (source.starts_with("src/cli/")) continue;
        for (const auto& include : includes_of(source))
            BOOST_TEST(!include.starts_with("\"cli/"), source << " includes " << include);
    }
}

BOOST_AUTO_TEST_CASE(public_headers_include_public_ones_and_only_parts_of_asio) {
    check_includes("include",
                   [](std::string_view include) { return !is_private(include) && include != "<boost/asio.hpp"; });
}

BOOST_AUTO_TEST_SUITE_END()
