// The information that a server and its peers have about each other.
#include "integration/service_fixture.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <string>

using namespace echosocket;
using namespace echosocket::test;

namespace json = boost::json;

namespace {

struct introspection_fixture : service_fixture {
    void serve() {
        make().on("sleep", sleep_task, "Sleeps, and says for how long");
        service->on("echo", echo_task);
        service->on("peer", [](task_context& call) {
            const auto p = call.peer();
            return p.name() + " " + p.address() + " " + std::to_string(p.id()) + (p.connected() ? " here" : " gone");
        });
        start();
    }
    std::vector<session_info> sessions() {
        auto all = run([this] { return service->sessions(); });
        std::ranges::sort(all, {}, &session_info::id);
        return all;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(introspection, introspection_fixture)

BOOST_AUTO_TEST_CASE(each_end_learns_the_other_s_name) {
    settings.name = "Master";
    client_settings.name = "guest";
    serve();
    BOOST_TEST(service->name() == "Master");
    auto c = join();
    BOOST_TEST(c.server_name() == "Master");
    BOOST_TEST(value_of(ask<std::string>(c, "peer")) == "guest memory 1 here");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_peer_s_handle_outlives_its_connection) {
    peer kept;
    make().on("keep", [&kept](task_context& call) { kept = call.peer(); });
    start();
    auto c = join();
    BOOST_TEST(outcome(ask(c, "keep")) == "ok");
    BOOST_TEST((kept.connected() && kept.id() == 1U));
    leave(c);
    stop();
    service.reset();
    BOOST_TEST((!kept.connected() && kept.id() == 1U && kept.name() == "client" && kept.address() == "memory"));
    BOOST_TEST((peer().id() == 0U && !peer().connected() && peer().name().empty()));
}

BOOST_AUTO_TEST_CASE(sessions_are_listed_found_and_counted) {
    serve();
    client_settings.name = "one";
    auto one = join();
    clock.advance(250ms);
    client_settings.name = "two";
    auto two = join();
    auto call = begin<int>(two, "sleep", 1000);
    for (int i = 0; i != 3; ++i) BOOST_TEST(outcome(ask<std::string>(two, "echo", "x")) == "ok");

    const auto all = sessions();
    BOOST_TEST(all.size() == 2U);
    BOOST_TEST((all[0].id == 1U && all[0].name == "one" && all[0].address == "memory"));
    BOOST_TEST((all[0].age == 250ms && all[0].running_calls == 0U && all[0].calls == 0U));
    BOOST_TEST((all[1].id == 2U && all[1].name == "two" && all[1].age == 0ms));
    BOOST_TEST((all[1].running_calls == 1U && all[1].calls == 4U));
    BOOST_TEST((all[1].bytes_in > all[0].bytes_in && all[1].bytes_out > all[0].bytes_out));
    BOOST_TEST(run([&] { return service->session_count(); }) == 2U);

    const auto found = run([&] { return service->find(2); });
    BOOST_TEST((found && found->name() == "two"));
    BOOST_TEST(!run([&] { return service->find(3); }));

    leave(one);
    settle();
    BOOST_TEST(!run([&] { return service->find(1); }));
    BOOST_TEST(run([&] { return service->session_count(); }) == 1U);
    clock.advance(1s);
    BOOST_TEST(outcome(run(call)) == "ok");
    leave(two);
}

BOOST_AUTO_TEST_CASE(stats_add_up_over_live_and_ended_connections) {
    serve();
    auto one = join();
    BOOST_TEST(outcome(ask<std::string>(one, "echo", "x")) == "ok");
    BOOST_TEST(outcome(ask(one, "nothing")) == "unknown_task");
    leave(one);
    settle();
    auto two = join();
    auto call = begin<int>(two, "sleep", 1000);
    settle();
    clock.advance(500ms);
    const auto now = stats();
    BOOST_TEST((now.uptime == 500ms && now.connections == 1U && now.accepted == 2U));
    BOOST_TEST((now.running_calls == 1U && now.calls == 3U && now.failed == 1U));
    BOOST_TEST((now.bytes_in > 0U && now.bytes_out > 0U));
    BOOST_TEST((now.closed == std::map<std::string, std::uint64_t>{{"closed_by_peer", 1}}));
    BOOST_TEST((now.refused == std::map<std::string, std::uint64_t>{{"unknown_task", 1}}));
    clock.advance(500ms);
    BOOST_TEST(outcome(run(call)) == "ok");
    leave(two);
}

BOOST_AUTO_TEST_CASE(tasks_are_listed_with_types_and_descriptions) {
    serve();
    auto c = join();
    const auto listed = value_of(ask<json::value>(c, "$tasks")).as_array();
    const auto local = service->tasks();
    BOOST_TEST(listed.size() == local.size());
    std::vector<std::string> names;
    for (std::size_t i = 0; i != listed.size(); ++i) {
        const auto& task = listed[i].as_object();
        names.push_back(std::string(task.at("name").as_string()));
        BOOST_TEST(names.back() == local[i].name);
        BOOST_TEST(task.size() == 4U);
    }
    const std::vector<std::string> known{"$ping",        "$stats", "$stop", "$subscribe", "$tasks",
                                         "$unsubscribe", "echo",   "peer",  "sleep"};
    BOOST_TEST(names == known, boost::test_tools::per_element());
    const auto& sleep = listed.back().as_object();
    BOOST_TEST(std::string(sleep.at("arguments").as_string()) == "integer");
    BOOST_TEST(std::string(sleep.at("returns").as_string()) == "integer");
    BOOST_TEST(std::string(sleep.at("description").as_string()) == "Sleeps, and says for how long");
    leave(c);
}

BOOST_AUTO_TEST_CASE(ping_answers_what_it_was_sent) {
    serve();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "$ping", "as it was")) == "as it was");
    BOOST_TEST(value_of(ask<std::string>(c, "$ping")) == "");
    leave(c);
}

BOOST_AUTO_TEST_CASE(stats_are_answered_to_clients_as_an_object) {
    serve();
    auto c = join();
    clock.advance(3s);
    const auto figures = value_of(ask<json::value>(c, "$stats")).as_object();
    BOOST_TEST(figures.at("uptime_ms").to_number<int>() == 3000);
    BOOST_TEST(figures.at("connections").to_number<int>() == 1);
    BOOST_TEST(figures.at("calls").to_number<int>() == 1);
    for (const auto* name :
         {"accepted", "running_calls", "failed", "bytes_in", "bytes_out", "queued_bytes", "closed", "refused"})
        BOOST_TEST(figures.contains(name), name);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_client_may_not_stop_the_server_unless_the_config_allows) {
    serve();
    auto c = join();
    const auto refused = ask(c, "$stop");
    BOOST_TEST(outcome(refused) == "not_allowed");
    BOOST_TEST(refused.error().detail.find("allow_remote_stop") != std::string::npos);
    BOOST_TEST(!refused.error().started);
    BOOST_TEST(outcome(ask<std::string>(c, "echo", "x")) == "ok");
    BOOST_TEST(!life->done());
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_client_stops_the_server_where_the_config_allows) {
    settings.allow_remote_stop = true;
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask(c, "$stop")) == "ok");
    const auto report = value_of(run(*life));
    life.reset();
    BOOST_TEST((report.connections == 1U && report.closed == 0U && report.took == 0ms));
    BOOST_TEST((run([&] { return c.closed(); }).code == errc::shutting_down));
}

BOOST_AUTO_TEST_SUITE_END()
