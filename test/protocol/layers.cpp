// protocol <- net <- server, client <- the command: an arrow is the only direction that an #include may take.
#include "support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace files = std::filesystem;
using words = std::initializer_list<std::string_view>;

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

/// What the source includes, with the bracket or quote that opens it: `<vector`, `"net/outbox.hpp`.
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

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(the_protocol_includes_the_protocol_and_what_neither_waits_nor_sends) {
    check_includes("src/protocol", [](std::string_view include) {
        if (is_private(include)) return include.starts_with("\"protocol/");
        if (include.starts_with("<echosocket/")) return include == "<echosocket/error.hpp";
        return !begins_with_any(
            include, {"<boost/asio", "<boost/beast", "<sys/", "<netinet/", "<arpa/", "<unistd", "<poll", "<thread",
                      "<mutex", "<shared_mutex", "<condition_variable", "<atomic", "<future", "<coroutine"});
    });
}

BOOST_AUTO_TEST_CASE(the_protocol_asks_no_clock_and_suspends_nowhere) {
    for (const auto& source : sources_below("src/protocol")) {
        const auto text = echosocket::test::read_source(source);
        for (const std::string_view word : {"clock::now", "asio", "co_await", "std::thread", "std::mutex"})
            BOOST_TEST(text.find(word) == std::string::npos, source << " mentions " << word);
    }
}

BOOST_AUTO_TEST_CASE(net_includes_neither_server_nor_client_nor_command) {
    check_includes("src/net", [](std::string_view include) {
        if (is_private(include)) return begins_with_any(include, {"\"protocol/", "\"net/"});
        return !begins_with_any(include, {"<echosocket/echosocket", "<echosocket/server", "<echosocket/client"});
    });
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
