// What `download` connects to, shown by a resolver and a connector that are the test's own.
#include "cli/tasks/demo_tasks.hpp"
#include "integration/service_fixture.hpp"
#include "support/http_double.hpp"
#include "support/program.hpp"
#include "support/test_connector.hpp"
#include "support/test_resolver.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using echosocket::testing::http_double;
using echosocket::testing::temporary_directory;
using texts = std::vector<std::string>;

namespace {

constexpr const char* elsewhere = "93.184.215.14";
constexpr const char* elsewhere_too = "1.1.1.1";

struct downloads_fixture : service_fixture {
    temporary_directory directory;
    http_double web;
    redirected_connects connects{web.port()};
    std::optional<client> guest;

    ~downloads_fixture() {
        if (guest) leave(*guest);
    }

    void serve(texts from = {}) {
        cli::demo_policy policy;
        policy.downloads.folder = std::make_shared<cli::store_folder>(directory.path());
        policy.downloads.quota = {1024 * 1024, "--download-quota"};
        policy.downloads.from = value_of(cli::address_rules::with(from));
        cli::add_demo_tasks(make(), std::move(policy));
        start();
        guest = join();
    }

    result<cli::downloaded> fetch(const std::string& url) {
        if (!guest) serve();
        return ask<cli::downloaded>(*guest, "download", url);
    }

    void is_refused(const std::string& url) {
        const auto reply = fetch(url);
        BOOST_TEST(outcome(reply) == "not_allowed", url);
        BOOST_TEST(directory.names().empty());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(downloads, downloads_fixture)

BOOST_AUTO_TEST_CASE(a_public_address_is_connected_to) {
    const scripted_name name("files.test", {{elsewhere}});
    web.serve("/a", "from afar");
    BOOST_TEST(value_of(fetch("http://files.test/a")).bytes == 9U);
    BOOST_TEST(connects.addresses() == texts{elsewhere}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_name_of_a_special_address_is_not_connected_to) {
    for (const auto* special : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "224.0.0.1",
                                "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"}) {
        const scripted_name name("internal.test", {{special}});
        is_refused("http://internal.test/a");
        BOOST_TEST(name.lookups() == 1U);
    }
    BOOST_TEST(connects.addresses().empty());
}

BOOST_AUTO_TEST_CASE(a_special_address_in_the_url_is_not_connected_to) {
    for (const auto* host : {"127.0.0.1", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.1",
                             "localhost", "loopback.test"})
        is_refused("http://" + std::string(host) + ":" + std::to_string(web.port()) + "/a");
    BOOST_TEST(connects.addresses().empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_tells_no_address_of_the_server_s_network) {
    const scripted_name name("internal.test", {{"10.11.12.13"}});
    const auto reply = fetch("http://internal.test/a");
    BOOST_REQUIRE(!reply);
    BOOST_TEST(reply.error().detail.find("10.11") == std::string::npos, reply.error().detail);
    BOOST_TEST(reply.error().detail.find("--download-from internal.test") != std::string::npos, reply.error().detail);
}

BOOST_AUTO_TEST_CASE(of_several_addresses_only_the_public_ones_are_connected_to) {
    const scripted_name name("both.test", {{"127.0.0.1", elsewhere, "10.0.0.1"}});
    web.serve("/a", "x");
    BOOST_TEST(outcome(fetch("http://both.test/a")) == "ok");
    BOOST_TEST(connects.addresses() == texts{elsewhere}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_checked_is_connected_to_whatever_the_name_means_next) {
    const scripted_name name("rebinding.test", {{elsewhere}, {"127.0.0.1"}});
    web.serve("/a", "x");
    BOOST_TEST(outcome(fetch("http://rebinding.test/a")) == "ok");
    BOOST_TEST(name.lookups() == 1U);
    BOOST_TEST(connects.addresses() == texts{elsewhere}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_redirect_is_checked_anew) {
    const scripted_name name("rebinding.test", {{elsewhere}, {"127.0.0.1"}});
    web.serve("/b", "secret");
    web.redirect("/a", "/b");
    is_refused("http://rebinding.test/a");
    const scripted_name other("files.test", {{elsewhere_too}});
    for (const auto* location : {"http://127.0.0.1/b", "http://[::1]/b", "http://10.0.0.1/b", "//localhost/b"}) {
        web.redirect("/a", location);
        is_refused("http://files.test/a");
    }
    BOOST_TEST(connects.addresses() == (texts{elsewhere, elsewhere_too, elsewhere_too, elsewhere_too, elsewhere_too}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_operator_allows_is_connected_to) {
    serve({"127.0.0.0/8", "10.1.0.0/16", "build.test"});
    const scripted_name inside("inside.test", {{"10.1.2.3", "10.2.0.1"}});
    const scripted_name build("build.test", {{"192.168.0.1"}});
    web.serve("/a", "x");
    for (const auto& url : {web.url("/a"), std::string("http://inside.test/a"), std::string("http://build.test/a")})
        BOOST_TEST(outcome(fetch(url)) == "ok", url);
    BOOST_TEST(outcome(fetch("http://192.168.0.1/a")) == "not_allowed");
    BOOST_TEST(connects.addresses() == (texts{"127.0.0.1", "10.1.2.3", "192.168.0.1"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_so_many_run_at_once) {
    serve({"127.0.0.1"});
    web.answer("/slow", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning", http_double::then::wait);
    std::vector<spawned<result<cli::downloaded>>> running;
    for (int i = 0; i < cli::most_downloads; ++i)
        running.push_back(begin<cli::downloaded>(*guest, "download", web.url("/slow")));
    run_until([&] { return directory.names().size() == static_cast<std::size_t>(cli::most_downloads); });
    BOOST_TEST(outcome(fetch(web.url("/slow"))) == "overloaded");
    leave(*guest);
    guest.reset();
    for (auto& each : running) BOOST_TEST(!run(std::move(each)));
    run_until([&] { return directory.names().empty(); });
}

BOOST_AUTO_TEST_CASE(a_lookup_that_nothing_can_interrupt_keeps_its_place) {
    serve({"127.0.0.1"});
    web.serve("/a", "x");
    const hanging_lookups gate;
    std::vector<spawned<result<cli::downloaded>>> running;
    for (int i = 0; i < cli::most_downloads; ++i)
        running.push_back(begin<cli::downloaded>(*guest, "download", "http://hanging.test/"));
    settle();
    hanging_lookups::wait_for(cli::most_downloads);
    leave(*guest);
    for (auto& each : running) BOOST_TEST(!run(std::move(each)));
    guest = join();
    while (stats().running_calls != 0) settle();
    BOOST_TEST(outcome(fetch(web.url("/a"))) == "overloaded");
    hanging_lookups::release();
    while (outcome(fetch(web.url("/a"))) == "overloaded") {
    }
    BOOST_TEST(directory.names() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(all_files_together_stay_within_the_quota) {
    serve({"127.0.0.1"});
    web.serve("/a", std::string(600 * 1024, 'x'));
    BOOST_TEST(outcome(fetch(web.url("/a"))) == "ok");
    const auto second = fetch(web.url("/a"));
    BOOST_REQUIRE(outcome(second) == "overloaded");
    BOOST_TEST(second.error().detail.find("`--download-quota`") != std::string::npos);
    BOOST_TEST(directory.names() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
