#include "cli/tasks/stored_file.hpp"
#include "support/io_fixture.hpp"
#include "support/program.hpp"

#include <echosocket/client.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace echosocket;
using namespace echosocket::testing;

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

/// Bytes of every value, without a short period.
std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    unsigned state = 1;
    for (char& byte : bytes) {
        state = state * 1'664'525 + 1'013'904'223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

/// A server that stores files, and a local directory.
struct store {
    temporary_directory there;
    temporary_directory here;
    served server;

    explicit store(words more = {}) : server(with_files(std::move(more))) {}

    words with_files(words more) const {
        more.insert(more.end(), {"--files", there.path().string()});
        return more;
    }
    std::string file(const std::string& name, const std::string& bytes) const {
        write(here.path() / name, bytes);
        return path(name);
    }
    std::string path(const std::string& name) const { return (here.path() / name).string(); }
};

struct stored : store {};

/// The same, and a client that takes as many places as it gets.
struct crowded : test::io_fixture, stored {
    using put_call = stream_call<cli::stored_file, cli::file_piece, void>;

    client greedy = *run([this] { return client::connect(server.address()); });

    /// Begins to put a file, and sends a byte of it.
    put_call begin_put(int number) {
        auto call = greedy.open<cli::stored_file, cli::file_piece, void>("put", "slow " + std::to_string(number));
        const auto out = call.out();
        const cli::file_piece byte(1);
        (void)io_fixture::run([&] { return out.send(byte); });
        return call;
    }
    std::string outcome_of(const put_call& call) {
        const auto reply = io_fixture::run([&] { return call.reply(); });
        return reply ? "ok" : std::string(name_of(reply.error().code));
    }
    void leave() {
        io_fixture::run([this] { return greedy.close(); });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(transfer_commands)

BOOST_FIXTURE_TEST_CASE(a_file_goes_there_and_comes_back_as_it_was, stored) {
    const auto bytes = noise(1'000'001);
    const auto sent = run({"send", server.address(), file("a.bin", bytes)});
    BOOST_TEST(sent.code == 0);
    BOOST_TEST(sent.err == "");
    BOOST_TEST(sent.out.starts_with("stored as 'a.bin': 1000001 bytes, CRC-32 "), sent.out);
    BOOST_TEST((contents(there.path() / "a.bin") == bytes));
    const auto got = run({"get", server.address(), "a.bin", path("b.bin")});
    BOOST_TEST(got.code == 0);
    BOOST_TEST(got.err == "");
    BOOST_TEST((contents(path("b.bin")) == bytes));
    BOOST_TEST(here.names() == (words{"a.bin", "b.bin"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_empty_file_is_a_file, stored) {
    BOOST_TEST(run({"send", server.address(), file("empty", "")}).out.find("0 bytes, CRC-32 00000000") !=
               std::string::npos);
    BOOST_TEST(run({"get", server.address(), "empty", path("back")}).code == 0);
    BOOST_TEST(fs::exists(path("back")));
}

BOOST_FIXTURE_TEST_CASE(a_dash_is_standard_input_and_output, stored) {
    const auto bytes = noise(300'000);
    BOOST_TEST(run({"send", server.address(), "-", "piped"}, bytes).code == 0);
    const auto got = run({"get", server.address(), "piped", "-"});
    BOOST_TEST(got.code == 0);
    BOOST_TEST((got.out == bytes));
    BOOST_TEST(got.err == "");
}

BOOST_FIXTURE_TEST_CASE(json_reports_name_size_and_checksum, stored) {
    const auto sent = boost::json::parse(run({"send", "--json", server.address(), file("a", "123456789")}).out);
    BOOST_TEST(sent.at("ok").as_bool());
    BOOST_TEST(sent.at("name").as_string() == "a");
    BOOST_TEST(sent.at("bytes").to_number<int>() == 9);
    BOOST_TEST(sent.at("crc32").as_string() == "cbf43926");  // the CRC-32 of these digits in every implementation
    const auto got = boost::json::parse(run({"get", "--json", server.address(), "a", path("b")}).out);
    BOOST_TEST(got.at("crc32").as_string() == "cbf43926");
}

BOOST_FIXTURE_TEST_CASE(a_taken_name_is_numbered_and_nothing_is_replaced, stored) {
    const auto first = file("a.txt", "first");
    BOOST_TEST(run({"send", server.address(), first}).code == 0);
    const auto second = run({"send", server.address(), file("b.txt", "second"), "a.txt"});
    BOOST_TEST(second.out.starts_with("stored as 'a-1.txt'"), second.out);
    BOOST_TEST(contents(there.path() / "a.txt") == "first");
    BOOST_TEST(contents(there.path() / "a-1.txt") == "second");
}

BOOST_FIXTURE_TEST_CASE(no_name_leads_out_of_the_directory, stored) {
    const auto sent = run({"send", server.address(), file("a", "x"), "../../tmp/.evil name"});
    BOOST_TEST(sent.out.starts_with("stored as 'evil_name'"), sent.out);
    BOOST_TEST(there.names() == words{"evil_name"}, boost::test_tools::per_element());
    write(there.path() / ".hidden", "secret");
    fs::create_symlink("/etc/passwd", there.path() / "link");
    BOOST_REQUIRE(::mkfifo((there.path() / "pipe").c_str(), 0600) == 0);
    for (const auto* name : {"../../../../etc/passwd", "/etc/passwd", ".hidden", "link", "pipe", ".", "missing"}) {
        const auto got = run({"get", server.address(), name, path("got")});
        BOOST_TEST(got.code == 1, name);
        BOOST_TEST(got.err.find("bad_request") != std::string::npos, got.err);
        BOOST_TEST(here.names() == words{"a"}, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_server_without_a_directory_says_how_to_allow_it) {
    const served server;
    const temporary_directory here;
    write(here.path() / "a", noise(1'000'000));
    const auto sent = run({"send", server.address(), (here.path() / "a").string()});
    const auto got = run({"get", server.address(), "a", (here.path() / "b").string()});
    for (const auto* refused : {&sent, &got}) {
        BOOST_TEST(refused->code == 1);
        BOOST_TEST(refused->out == "");
        BOOST_TEST(refused->err.find("--files DIR") != std::string::npos, refused->err);
    }
    BOOST_TEST(here.names() == words{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_above_the_limit_leaves_nothing_behind) {
    const store small({"--files-limit", "100KiB"});
    const auto sent = run({"send", small.server.address(), small.file("large", noise(1'000'000))});
    BOOST_TEST(sent.code == 1);
    BOOST_TEST(sent.err.find("message_too_large") != std::string::npos, sent.err);
    BOOST_TEST(sent.err.find("100 KiB") != std::string::npos, sent.err);
    BOOST_TEST(small.there.names().empty());
    BOOST_TEST(run({"send", small.server.address(), small.file("right", noise(100 * 1024))}).code == 0);
}

BOOST_AUTO_TEST_CASE(files_beyond_the_quota_are_refused_in_words) {
    const store small({"--files-quota", "300KiB"});
    const auto file = small.file("a", noise(200 * 1024));
    BOOST_TEST(run({"send", small.server.address(), file}).code == 0);
    const auto refused = run({"send", small.server.address(), file});
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(refused.err.find("overloaded") != std::string::npos, refused.err);
    BOOST_TEST(refused.err.find("may take 300 KiB together; `--files-quota`") != std::string::npos, refused.err);
    BOOST_TEST(small.there.names() == words{"a"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(what_a_killed_server_left_goes_when_the_next_one_starts, stored) {
    write(there.path() / "mine.part", "x");
    program sender({"send", server.address(), "-", "a"});
    sender.type(noise(200'000));
    while (there.names().size() < 2) server.wait_for_running_call();
    {
        // Another server of the same folder takes nothing from one that runs.
        const served second{{"--files", there.path().string()}};
        BOOST_TEST(there.names().size() == 2U);
    }
    server.process().signal(SIGKILL);
    server.process().wait();
    BOOST_TEST(there.names().size() == 2U);
    served third{{"--files", there.path().string()}};
    BOOST_TEST(there.names() == words{"mine.part"}, boost::test_tools::per_element());
    third.process().signal(SIGTERM);
    BOOST_TEST(third.process().wait().err.find("removed from " + there.path().string() + ": 1 unfinished") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(one_user_s_slow_puts_keep_nobody_else_from_files, crowded) {
    std::vector<put_call> begun;
    for (int i = 0; i != 64; ++i) begun.push_back(begin_put(i));
    for (std::size_t i = 32; i != 64; ++i) BOOST_TEST(outcome_of(begun[i]) == "overloaded");
    const auto stats = testing::run({"stats", "--json", server.address()}).out;
    BOOST_TEST(stats.find("\"running_calls\":33,") != std::string::npos, stats);  // and the question itself

    const auto bytes = noise(300'000);
    const auto sent = testing::run({"send", server.address(), file("a", bytes)});
    BOOST_TEST(sent.code == 0, sent.err);
    const auto got = testing::run({"get", server.address(), "a", path("b")});
    BOOST_TEST(got.code == 0, got.err);
    BOOST_TEST((contents(path("b")) == bytes));
    BOOST_TEST(outcome_of(begin_put(64)) == "overloaded");

    begun.clear();
    server.wait_until_idle();
    BOOST_TEST(outcome_of(begin_put(65)) == "ok");
    BOOST_TEST(there.names() == (words{"a", "slow_65"}), boost::test_tools::per_element());
    leave();
}

BOOST_FIXTURE_TEST_CASE(a_sender_that_is_interrupted_leaves_nothing_there, stored) {
    for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
        program sender({"send", server.address(), "-", "part"});
        sender.type(noise(200'000));
        server.wait_for_running_call();
        sender.signal(signal);
        const auto end = sender.wait();
        BOOST_TEST(end.code == 128 + signal);
        BOOST_TEST(end.out == "");
        server.wait_until_idle();
        BOOST_TEST(there.names().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(a_getter_that_is_interrupted_leaves_nothing_here, stored) {
    write(there.path() / "large", "");
    fs::resize_file(there.path() / "large", 64ull * 1024 * 1024 * 1024);  // sparse
    for (const int signal : {SIGINT, SIGTERM}) {
        program getter({"get", server.address(), "large", path("got")});
        server.wait_for_running_call();
        getter.signal(signal);
        BOOST_TEST(getter.wait().code == 128 + signal);
        server.wait_until_idle();
        BOOST_TEST(here.names().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(a_server_that_dies_under_way_is_exit_code_2_and_leaves_nothing_here, stored) {
    write(there.path() / "large", "");
    fs::resize_file(there.path() / "large", 64ull * 1024 * 1024 * 1024);
    program getter({"get", server.address(), "large", path("got")});
    server.wait_for_running_call();
    server.process().signal(SIGKILL);
    const auto end = getter.wait();
    BOOST_TEST(end.code == 2);
    BOOST_TEST(end.err.find("was lost") != std::string::npos, end.err);
    BOOST_TEST(here.names().empty());
}

BOOST_FIXTURE_TEST_CASE(a_server_that_stands_still_is_exit_code_3, stored) {
    write(there.path() / "large", "");
    fs::resize_file(there.path() / "large", 64ull * 1024 * 1024 * 1024);
    program getter({"get", "--timeout", "2s", server.address(), "large", path("got")});
    server.wait_for_running_call();
    server.process().signal(SIGSTOP);
    const auto end = getter.wait();
    server.process().signal(SIGCONT);
    BOOST_TEST(end.code == 3);
    BOOST_TEST(here.names().empty());
}

BOOST_FIXTURE_TEST_CASE(what_can_not_be_read_or_written_here_is_exit_code_74, stored) {
    write(there.path() / "a", "x");
    for (const auto& arguments :
         {words{"send", server.address(), path("missing")}, words{"send", server.address(), here.path().string()},
          words{"get", server.address(), "a", path("missing/a")}, words{"get", server.address(), "a", "/dev/null"}}) {
        const auto failed = run(arguments);
        BOOST_TEST(failed.code == 74);
        BOOST_TEST(failed.out == "");
        BOOST_TEST(failed.err.starts_with("echosocket: '"), failed.err);
    }
}

BOOST_FIXTURE_TEST_CASE(a_file_here_is_replaced_only_by_a_whole_one, stored) {
    write(there.path() / "a", "new");
    const auto target = file("a", "old");
    BOOST_TEST(run({"get", server.address(), "missing", target}).code == 1);
    BOOST_TEST(contents(target) == "old");
    BOOST_TEST(run({"get", server.address(), "a", here.path().string()}).code == 0);
    BOOST_TEST(contents(target) == "new");
}

BOOST_FIXTURE_TEST_CASE(a_terminal_shows_how_far_it_is, stored) {
    program sender({"send", server.address(), file("a.bin", noise(3'000'000))}, program::streams::terminal);
    const auto shown = sender.wait();
    BOOST_TEST(shown.code == 0);
    for (const auto* part :
         {"a.bin 100 % [####################] 2.86 MiB of 2.86 MiB", "/s\x1b[K\r\n", "stored as 'a.bin'"})
        BOOST_TEST(shown.out.find(part) != std::string::npos, shown.out);
    program getter({"get", server.address(), "a.bin", path("b.bin")}, program::streams::terminal);
    const auto got = getter.wait();
    BOOST_TEST(got.code == 0);
    BOOST_TEST(got.out.find("a.bin 100 % [####################]") != std::string::npos, got.out);
}

BOOST_FIXTURE_TEST_CASE(the_tasks_tell_what_items_they_take_and_send, stored) {
    const auto list = run({"list", server.address()}).out;
    BOOST_TEST(list.find("put(string) takes bytes") != std::string::npos, list);
    BOOST_TEST(list.find("get(string) sends bytes") != std::string::npos, list);
}

BOOST_AUTO_TEST_CASE(without_a_server_both_end_with_exit_code_2) {
    const temporary_directory here;
    write(here.path() / "a", "x");
    const auto file = (here.path() / "a").string();
    for (const auto& arguments : {words{"send", "unix:/nonexistent/echosocket", file},
                                  words{"get", "unix:/nonexistent/echosocket", "b", (here.path() / "b").string()}}) {
        const auto reply = run(arguments);
        BOOST_TEST(reply.code == 2);
        BOOST_TEST(reply.err.starts_with("echosocket: no server there: "), reply.err);
    }
    BOOST_TEST(here.names() == words{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
