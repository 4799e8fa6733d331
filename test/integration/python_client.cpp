// Runs the client in docs/protocol.md as a reader would.
#include "support/vectors.hpp"

#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace echosocket;

namespace {

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result found(std::system("command -v python3 >/dev/null 2>&1") == 0);
    found.message() << "python3 is not there";
    return found;
}

std::string python_of_the_document() {
    const auto document = test::read_source("docs/protocol.md");
    const std::string begin = "\n```python\n";
    const auto from = document.find(begin) + begin.size();
    return document.substr(from, document.find("\n```\n", from) + 1 - from);
}

/// The document's client in a file, and an echo server on a thread of its own.
struct client_fixture {
    asio::io_context io;
    server target{io.get_executor(), {.name = "target"}};
    std::filesystem::path script;
    std::thread running;

    client_fixture() {
        target.on("echo", [](std::string text) { return text; });
        BOOST_REQUIRE(target.listen().has_value());
        script = std::filesystem::temp_directory_path() / ("echosocket-" + std::to_string(target.port()) + ".py");
        std::ofstream(script) << python_of_the_document();
    }
    ~client_fixture() {
        target.stop();
        if (running.joinable()) running.join();
        std::filesystem::remove(script);
    }

    void serve() {
        asio::co_spawn(io, target.run(), asio::detached);
        running = std::thread([this] { io.run(); });
    }

    /// The client's output, from both streams.
    std::string call(const std::string& argument) {
        const auto command = "timeout 20 python3 '" + script.string() + "' 127.0.0.1 " + std::to_string(target.port()) +
                             " " + argument + " 2>&1";
        std::string printed;
        std::FILE* output = popen(command.c_str(), "r");
        BOOST_REQUIRE(output != nullptr);
        for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) printed += static_cast<char>(c);
        pclose(output);
        return printed;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(python_client, client_fixture, *boost::unit_test::precondition(has_python))

BOOST_AUTO_TEST_CASE(the_client_of_the_document_gets_its_reply) {
    serve();
    BOOST_TEST(call("'Hello from Python'") == "Hello from Python\n");
}

BOOST_AUTO_TEST_CASE(it_says_what_the_server_answered_in_place_of_a_reply) {
    std::string changed = python_of_the_document();
    const auto task = changed.find("\"echo\"");
    BOOST_REQUIRE(task != std::string::npos);
    std::ofstream(script) << changed.replace(task, 6, "\"ecko\"");
    serve();
    const auto printed = call("Hello");
    BOOST_TEST(printed.starts_with("error 2: "), printed);
    BOOST_TEST(printed.find("echo") != std::string::npos, printed);
}

BOOST_AUTO_TEST_SUITE_END()
