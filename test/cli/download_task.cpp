#include "support/http_double.hpp"
#include "support/program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <iterator>

using namespace echosocket::testing;

namespace {

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A server that may download into a directory of its own, and an HTTP server to download from.
struct fixture {
    temporary_directory directory;
    http_double web;
    served server{
        {"--download-dir", directory.path().string(), "--download-limit", "100KiB", "--download-from", "127.0.0.1"}};

    ended fetch(const std::string& path) const { return server.call("download", web.url(path)); }

    /// The download fails with `why` and leaves no file.
    void fails(const std::string& path, const std::string& why) const {
        const auto reply = fetch(path);
        BOOST_TEST(reply.code == 1);
        BOOST_TEST(reply.err.find(why) != std::string::npos, reply.err);
        BOOST_TEST(directory.names().empty());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(download_task, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_fetched_unless_the_operator_names_a_directory) {
    const served closed;
    const auto reply = closed.call("download", web.url("/a"));
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("not_allowed") != std::string::npos, reply.err);
    BOOST_TEST(reply.err.find("--download-dir") != std::string::npos, reply.err);
    BOOST_TEST(web.requests().empty());
}

BOOST_AUTO_TEST_CASE(this_machine_is_asked_for_nothing_unless_the_operator_allows_it) {
    const served careful{{"--download-dir", directory.path().string()}};
    const auto port = std::to_string(web.port());
    for (const auto* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
        const auto reply = careful.call("download", "http://" + std::string(host) + ":" + port + "/a");
        BOOST_TEST(reply.code == 1);
        BOOST_TEST(reply.err.find("not_allowed") != std::string::npos, reply.err);
        BOOST_TEST(reply.err.find("--download-from") != std::string::npos, reply.err);
    }
    BOOST_TEST(web.requests().empty());
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_CASE(a_redirect_leads_nowhere_that_is_not_allowed) {
    web.redirect("/a", "http://127.0.0.2:" + std::to_string(web.port()) + "/b");
    fails("/a", "not_allowed: '127.0.0.2' has no public address");
    BOOST_TEST(web.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_file_arrives_whole_under_its_name) {
    std::string body;
    for (int i = 0; i < 90'000; ++i) body += static_cast<char>(i % 251);
    web.serve("/files/report.bin?version=2", body);
    const auto reply = fetch("/files/report.bin?version=2");
    BOOST_TEST(reply.code == 0);
    const auto told = boost::json::parse(reply.out).as_object();
    const auto path = (directory.path() / "report.bin").string();
    BOOST_TEST(told.at("path").as_string() == path);
    BOOST_TEST(told.at("bytes").to_number<std::size_t>() == body.size());
    BOOST_TEST((contents(path) == body));
    BOOST_TEST(directory.names() == words{"report.bin"}, boost::test_tools::per_element());
    BOOST_TEST(web.requests().at(0).find("Host: " + web.url("/").substr(7, web.url("/").size() - 8)) !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_file_and_one_without_announced_length_arrive_too) {
    web.serve("/empty", "");
    web.answer("/open", "HTTP/1.1 200 OK\r\n\r\nuntil the end");
    web.answer("/chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    BOOST_TEST(fetch("/empty").code == 0);
    BOOST_TEST(fetch("/open").code == 0);
    BOOST_TEST(fetch("/chunked").code == 0);
    BOOST_TEST(contents((directory.path() / "empty").string()) == "");
    BOOST_TEST(contents((directory.path() / "open").string()) == "until the end");
    BOOST_TEST(contents((directory.path() / "chunked").string()) == "abcde");
}

BOOST_AUTO_TEST_CASE(no_file_is_ever_replaced) {
    web.serve("/a.txt", "first");
    BOOST_TEST(fetch("/a.txt").code == 0);
    web.serve("/a.txt", "second");
    BOOST_TEST(fetch("/a.txt").out.find("a-1.txt") != std::string::npos);
    BOOST_TEST(directory.names() == (words{"a-1.txt", "a.txt"}), boost::test_tools::per_element());
    BOOST_TEST(contents((directory.path() / "a.txt").string()) == "first");
}

BOOST_AUTO_TEST_CASE(evil_names_stay_in_the_directory) {
    web.serve("/..%2f..%2fescape", "x");
    web.serve("/.hidden", "x");
    web.serve("/", "x");
    for (const auto* path : {"/..%2f..%2fescape", "/.hidden", "/"}) BOOST_TEST(fetch(path).code == 0, path);
    BOOST_TEST(directory.names() == (words{"_.._escape", "download", "hidden"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_other_server_refuses_fails) {
    fails("/missing", "404 Not Found");
    web.answer("/evil", "HTTP/1.1 500 \x1b[2Jevil\r\nContent-Length: 0\r\n\r\n");
    const auto reply = fetch("/evil");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find('\x1b') == std::string::npos);
    web.answer("/noise", "this is no HTTP\r\n\r\n");
    fails("/noise", "task_failed");
}

BOOST_AUTO_TEST_CASE(too_much_is_refused_before_it_comes_and_while_it_comes) {
    web.answer("/announced", "HTTP/1.1 200 OK\r\nContent-Length: 102401\r\n\r\n", http_double::then::wait);
    fails("/announced", "larger than the limit of 100 KiB");
    web.answer("/sneaky", "HTTP/1.1 200 OK\r\n\r\n" + std::string(102'401, 'x'), http_double::then::wait);
    fails("/sneaky", "larger than the limit of 100 KiB");
    web.serve("/fits", std::string(102'400, 'x'));
    BOOST_TEST(fetch("/fits").code == 0);
}

BOOST_AUTO_TEST_CASE(a_body_shorter_than_announced_leaves_nothing) {
    web.answer("/short", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this");
    fails("/short", "ended before the reply was whole");
}

BOOST_AUTO_TEST_CASE(a_cancelled_transfer_closes_its_connection_and_leaves_nothing) {
    web.answer("/slow", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning", http_double::then::wait);
    program caller({"call", server.address(), "download", web.url("/slow")});
    web.wait_until_waiting();
    caller.signal(SIGKILL);
    BOOST_TEST(web.wait_until_left());
    server.process().signal(SIGTERM);
    BOOST_TEST(server.process().wait().code == 0);
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_wait_for_a_head_that_never_comes) {
    web.answer("/never", "", http_double::then::wait);
    BOOST_TEST(run({"call", "--timeout", "3s", server.address(), "download", web.url("/never")}).code == 3);
    BOOST_TEST(web.wait_until_left());
}

BOOST_AUTO_TEST_CASE(redirects_are_followed_three_times_and_checked) {
    web.serve("/end", "there");
    web.redirect("/one", "/end");
    web.redirect("/two", web.url("/one"));
    web.redirect("/three", "two");
    web.redirect("/four", "/three");
    BOOST_TEST(fetch("/three").code == 0);
    BOOST_TEST(directory.names() == words{"end"}, boost::test_tools::per_element());
    BOOST_TEST(fetch("/four").err.find("more than 3 redirects") != std::string::npos);
    web.redirect("/tls", "https://127.0.0.1/x");
    BOOST_TEST(fetch("/tls").err.find("https:// is not supported") != std::string::npos);
    web.redirect("/file", "file:///etc/passwd");
    BOOST_TEST(fetch("/file").err.find("only http://") != std::string::npos);
    BOOST_TEST(directory.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(urls_that_are_not_http_are_refused_in_words) {
    const auto tls = server.call("download", "https://127.0.0.1/");
    BOOST_TEST(tls.code == 1);
    BOOST_TEST(tls.err.find("https:// is not supported") != std::string::npos, tls.err);
    for (const auto* url : {"", "file:///etc/passwd", "http://", "http://a b/"})
        BOOST_TEST(server.call("download", url).err.find("bad_request") != std::string::npos, url);
}

BOOST_AUTO_TEST_CASE(nobody_there_is_told_in_words) {
    const auto reply = server.call("download", "http://127.0.0.1:1/x");
    BOOST_TEST(reply.code == 1);
    BOOST_TEST(reply.err.find("connecting to 127.0.0.1:1 failed") != std::string::npos, reply.err);
    BOOST_TEST(server.call("download", "http://host.invalid/x").code == 1);
}

BOOST_AUTO_TEST_SUITE_END()
