// protocol <- net <- server, client <- the command: an arrow is the only direction that an #include may take.
#include "support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace files = std::filesystem;

std::vector<std::string> sources_below(const std::string& folder) {
    const files::path root(ECHOSOCKET_SOURCE_DIR);
    std::vector<std::string> found;
    for (const auto& entry : files::recursive_directory_iterator(root / folder)) {
        const auto extension = entry.path().extension();
        if (extension == ".cpp" || extension == ".hpp") found.push_back(files::relative(entry.path(), root).string());
    }
    return found;
}

/// No line of the sources below `folder` matches.
void check_free_of(const std::string& folder, const std::string& forbidden) {
    const auto sources = sources_below(folder);
    BOOST_TEST(!sources.empty());
    const std::regex pattern(forbidden);
    for (const auto& source : sources) {
        std::istringstream lines(echosocket::test::read_source(source));
        for (std::string line; std::getline(lines, line);)
            BOOST_TEST(!std::regex_search(line, pattern), source << ": " << line);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers)

BOOST_AUTO_TEST_CASE(the_protocol_includes_nothing_that_waits_or_sends) {
    check_free_of(
        "src/protocol",
        R"(#\s*include\s*[<"](boost/(asio|beast|process)|sys/|netinet/|arpa/|unistd|poll|thread|mutex|atomic|future|)"
        R"(condition_variable|coroutine|echosocket/(clock|config|client|server|task|peer|transport|testing)))");
}

BOOST_AUTO_TEST_CASE(the_protocol_asks_no_clock_and_spawns_nothing) {
    check_free_of("src/protocol",
                  R"(clock::now|\basio\b|co_await|co_spawn|std::(thread|mutex|atomic)|\b(send|recv)\()");
}

BOOST_AUTO_TEST_CASE(the_protocol_includes_no_other_layer) {
    check_free_of("src/protocol", R"(#\s*include\s*"(?!protocol/))");
}

BOOST_AUTO_TEST_CASE(net_includes_neither_server_nor_client_nor_command) {
    check_free_of("src/net",
                  R"(#\s*include\s*("(?!protocol/|net/)|<echosocket/(echosocket|server|client|testing)\.hpp>))");
}

BOOST_AUTO_TEST_CASE(the_library_does_not_include_the_command) {
    for (const auto& source : sources_below("src")) {
        if (source.starts_with("src/cli/")) continue;
        BOOST_TEST(echosocket::test::read_source(source).find("#include \"cli/") == std::string::npos, source);
    }
}

BOOST_AUTO_TEST_CASE(public_headers_include_no_private_ones) {
    check_free_of("include", R"(#\s*include\s*")");
    check_free_of("include", R"(#\s*include\s*<boost/asio\.hpp>)");
}

BOOST_AUTO_TEST_SUITE_END()
