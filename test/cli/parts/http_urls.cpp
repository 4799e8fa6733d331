#include "cli/tasks/http_url.hpp"

#include <boost/test/unit_test.hpp>

using namespace echosocket::cli;

namespace {

http_url parsed(std::string_view text) {
    auto url = parse_http_url(text);
    BOOST_REQUIRE_MESSAGE(url, text);
    return *url;
}

std::string resolved(std::string_view base, std::string_view location) {
    auto url = resolve_location(parsed(base), location);
    return url ? url->text() : "refused";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_urls)

BOOST_AUTO_TEST_CASE(a_url_comes_apart) {
    BOOST_TEST(
        (parsed("http://Example.org:8080/a/b.txt?x=1#part") == http_url{"example.org", 8080, "/a/b.txt", "?x=1"}));
    BOOST_TEST((parsed("HTTP://example.org") == http_url{"example.org", 80, "/", ""}));
    BOOST_TEST((parsed("http://example.org?x") == http_url{"example.org", 80, "/", "?x"}));
    BOOST_TEST((parsed("http://example.org:/") == http_url{"example.org", 80, "/", ""}));
    BOOST_TEST((parsed("http://[::1]:81/f") == http_url{"::1", 81, "/f", ""}));
}

BOOST_AUTO_TEST_CASE(its_text_is_the_url_again) {
    BOOST_TEST(parsed("http://[::1]:81/f?q#x").text() == "http://[::1]:81/f?q");
    BOOST_TEST(parsed("http://a:80").text() == "http://a/");
}

BOOST_AUTO_TEST_CASE(https_is_refused_by_name) {
    const auto url = parse_http_url("https://example.org/");
    BOOST_REQUIRE(!url);
    BOOST_TEST(url.error().detail.find("https:// is not supported") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_user_name_is_refused_by_name) {
    const auto url = parse_http_url("http://user:secret@example.org/");
    BOOST_REQUIRE(!url);
    BOOST_TEST(url.error().detail.find("user name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_http_url_is_refused) {
    for (const auto* text : {"",
                             "example.org",
                             "/etc/passwd",
                             "file:///etc/passwd",
                             "ftp://a/",
                             "http:",
                             "http:/a",
                             "http://",
                             "http:///x",
                             "http://a b/",
                             "http://a/\r\nHost: b",
                             "http://user@a/",
                             "http://a:b@c/",
                             "http://a:0/",
                             "http://a:65536/",
                             "http://a:1x/",
                             "http://[::1/",
                             "http://[::1]x/",
                             "http://[a]/",
                             "http://a\\b/",
                             "http://a/\xc3\xbc",
                             "http://a%41/"})
        BOOST_TEST(!parse_http_url(text), text);
    BOOST_TEST(!parse_http_url("http://a/" + std::string(9000, 'x')));
}

BOOST_AUTO_TEST_CASE(a_redirect_is_resolved_against_where_it_came_from) {
    BOOST_TEST(resolved("http://a:81/x/y?q", "/z") == "http://a:81/z");
    BOOST_TEST(resolved("http://a:81/x/y?q", "z?r") == "http://a:81/x/z?r");
    BOOST_TEST(resolved("http://a/x/y?q", "?r") == "http://a/x/y?r");
    BOOST_TEST(resolved("http://a/x", "//b/c") == "http://b/c");
    BOOST_TEST(resolved("http://a/x", "http://b:82") == "http://b:82/");
    BOOST_TEST(resolved("http://a/x?q", "#f") == "http://a/x?q");
}

BOOST_AUTO_TEST_CASE(a_redirect_is_checked_like_any_url) {
    BOOST_TEST(resolved("http://a/x", "https://a/x") == "refused");
    BOOST_TEST(resolved("http://a/x", "file:///etc/passwd") == "refused");
    BOOST_TEST(resolved("http://a/x", "/a b") == "refused");
    BOOST_TEST(resolved("http://a/x", "//user@b/") == "refused");
}

BOOST_AUTO_TEST_SUITE_END()
