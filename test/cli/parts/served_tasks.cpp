// The demo tasks of a server in this process.
#include "cli/tasks/demo_tasks.hpp"
#include "integration/service_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::cli;
using namespace echosocket::test;

namespace {

struct served_tasks_fixture : service_fixture {
    void serve(demo_policy policy = {}) {
        settings.may_subscribe = [](const peer&, std::string_view topic) { return may_listen(topic); };
        add_demo_tasks(make(), std::move(policy));
        add_relay(*service);
        start();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(served_tasks, served_tasks_fixture)

BOOST_AUTO_TEST_CASE(nobody_speaks_to_a_room_from_outside) {
    serve();
    std::vector<std::string> heard;
    client_settings.handlers.on_any_notify(
        [&heard](task_context& notice, std::string_view) { heard.emplace_back(notice.task()); });
    auto member = join();
    BOOST_TEST(outcome(ask<std::vector<std::string>>(member, "chat_join", "Ada", "lobby")) == "ok");
    BOOST_TEST(outcome(run([&] { return member.subscribe("news"); })) == "ok");
    auto outsider = join();
    BOOST_TEST(outsider.notify("chat/lobby", "from outside").has_value());
    BOOST_TEST(outsider.notify("news", "for all").has_value());
    run_until([&] { return !heard.empty(); });
    BOOST_TEST(heard == std::vector<std::string>{"news"}, boost::test_tools::per_element());
    leave(outsider);
    leave(member);
}

BOOST_AUTO_TEST_SUITE_END()
