// Misuse of the library is reported at once, before anything runs.
#include "integration/service_fixture.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

template <class Config>
struct bad_setting {
    std::string field;
    std::function<void(Config&)> set;
};

using bad_limit = bad_setting<limits>;

const std::vector<bad_limit>& bad_limits() {
    static const std::vector<bad_limit> all{
        {"limits.max_frame", [](limits& l) { l.max_frame = 1023; }},
        {"limits.max_frame", [](limits& l) { l.max_frame = l.max_message = 64 * 1024 * 1024 + 1; }},
        {"limits.max_message", [](limits& l) { l.max_message = l.max_frame - 1; }},
        {"limits.max_message", [](limits& l) { l.max_message = std::size_t{UINT32_MAX} + 1; }},
        {"limits.max_calls", [](limits& l) { l.max_calls = 0; }},
        {"limits.max_nesting", [](limits& l) { l.max_nesting = 0; }},
        {"limits.max_nesting", [](limits& l) { l.max_nesting = 1001; }},
        {"limits.hello_timeout", [](limits& l) { l.hello_timeout = 0ms; }},
        {"limits.hello_timeout", [](limits& l) { l.hello_timeout = 25h; }},
        {"limits.frame_timeout", [](limits& l) { l.frame_timeout = -1ms; }},
        {"limits.idle_timeout", [](limits& l) { l.idle_timeout = -1ms; }},
        {"limits.ping_interval", [](limits& l) { l.ping_interval = -1ms; }},
        {"limits.ping_interval", [](limits& l) { l.ping_interval = std::chrono::milliseconds::max(); }},
        {"limits.write_timeout", [](limits& l) { l.write_timeout = 0ms; }},
        {"limits.output_soft", [](limits& l) { l.output_soft = 1023; }},
        {"limits.output_soft_time", [](limits& l) { l.output_soft_time = 0ms; }},
        {"limits.output_hard", [](limits& l) { l.output_hard = l.output_soft - 1; }},
        {"limits.abuse_burst", [](limits& l) { l.abuse_burst = 0; }},
    };
    return all;
}

struct misuse_fixture : service_fixture {
    template <class Act>
    void check_refused(Act act, errc code, const std::string& part) {
        BOOST_TEST_CONTEXT(part) {
            try {
                act();
                BOOST_ERROR("nothing was said against it");
            } catch (const usage_error& e) {
                BOOST_TEST(std::string(name_of(e.code())) == std::string(name_of(code)));
                BOOST_TEST(std::string(e.what()).find(part) != std::string::npos, e.what());
            }
        }
    }
    void check_server_config(const std::string& field, const std::function<void(server_config&)>& set) {
        auto config = settings;
        set(config);
        check_refused([&] { server refused(io.get_executor(), config); }, errc::invalid_config, field + " must be");
    }
    void check_client_config(const std::string& field, const std::function<void(client_config&)>& set) {
        auto config = client_settings;
        set(config);
        check_refused([&] { (void)run([&] { return client::connect("127.0.0.1:1", config); }); }, errc::invalid_config,
                      field + " must be");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(misuse, misuse_fixture)

BOOST_AUTO_TEST_CASE(two_tasks_of_one_name_are_refused) {
    auto& s = make();
    s.on("task", [] {});
    check_refused([&] { s.on("task", [] {}); }, errc::duplicate_task, "task");
    s.fallback([] {});
    check_refused([&] { s.fallback([] {}); }, errc::duplicate_task, "fallback");
}

BOOST_AUTO_TEST_CASE(names_that_no_task_can_have_are_refused) {
    auto& s = make();
    check_refused([&] { s.on("", [] {}); }, errc::invalid_name, "1 to 255");
    check_refused([&] { s.on(std::string(256, 'n'), [] {}); }, errc::invalid_name, "1 to 255");
    check_refused([&] { s.on("\xc3(", [] {}); }, errc::invalid_name, "UTF-8");
    check_refused([&] { s.on("$mine", [] {}); }, errc::invalid_name, "$mine");
    s.on(std::string(255, 'n'), [] {});
    s.on("größer", [] {});
}

BOOST_AUTO_TEST_CASE(an_empty_handler_is_refused) {
    auto& s = make();
    check_refused([&] { s.on("empty", std::function<void()>()); }, errc::invalid_config, "empty");
    check_refused([&] { s.on("null", static_cast<int (*)(int)>(nullptr)); }, errc::invalid_config, "empty");
    const auto tasks = s.tasks();
    BOOST_TEST(std::ranges::none_of(tasks, [](const task_info& t) { return t.name == "empty" || t.name == "null"; }));
}

BOOST_AUTO_TEST_CASE(tasks_are_registered_before_run) {
    make();
    start();
    check_refused([&] { service->on("late", [] {}); }, errc::already_running, "before run()");
    check_refused([&] { service->fallback([] {}); }, errc::already_running, "before run()");
    stop();
    check_refused([&] { service->on("too late", [] {}); }, errc::already_running, "before run()");
}

BOOST_AUTO_TEST_CASE(every_limit_out_of_range_is_refused_by_name_at_both_ends) {
    for (const auto& bad : bad_limits()) {
        check_server_config(bad.field, [&](server_config& c) { bad.set(c.limits); });
        check_client_config(bad.field, [&](client_config& c) { bad.set(c.limits); });
    }
}

BOOST_AUTO_TEST_CASE(every_setting_of_a_server_out_of_range_is_refused_by_name) {
    check_server_config("name", [](server_config& c) { c.name = ""; });
    check_server_config("name", [](server_config& c) { c.name = std::string(256, 'n'); });
    check_server_config("name", [](server_config& c) { c.name = "\xff"; });
    check_server_config("max_connections", [](server_config& c) { c.max_connections = 0; });
    check_server_config("max_running_calls", [](server_config& c) { c.max_running_calls = 0; });
    check_server_config("max_deadline", [](server_config& c) { c.max_deadline = 0ms; });
    check_server_config("drain_timeout", [](server_config& c) { c.drain_timeout = -1ms; });
    check_server_config("cancel_timeout", [](server_config& c) { c.cancel_timeout = -1ms; });
    check_server_config("cancel_timeout", [](server_config& c) { c.cancel_timeout = 25h; });
    check_server_config("clock", [](server_config& c) { c.clock = nullptr; });
}

BOOST_AUTO_TEST_CASE(every_setting_of_a_client_out_of_range_is_refused_by_name) {
    check_client_config("name", [](client_config& c) { c.name = ""; });
    check_client_config("connect_timeout", [](client_config& c) { c.connect_timeout = 0ms; });
    check_client_config("call_timeout", [](client_config& c) { c.call_timeout = -1ms; });
    check_client_config("clock", [](client_config& c) { c.clock = nullptr; });
}

BOOST_AUTO_TEST_CASE(settings_at_the_ends_of_their_ranges_are_taken) {
    limits smallest;
    smallest.max_frame = smallest.max_message = smallest.output_soft = smallest.output_hard = 1024;
    smallest.max_calls = smallest.max_nesting = smallest.abuse_burst = 1;
    smallest.missed_pings = smallest.abuse_per_second = 0;
    smallest.hello_timeout = smallest.frame_timeout = smallest.write_timeout = smallest.output_soft_time = 1ms;
    smallest.idle_timeout = smallest.ping_interval = 0ms;
    settings.limits = client_settings.limits = smallest;
    settings.max_connections = settings.max_running_calls = 1;
    settings.max_deadline = 1ms;
    settings.drain_timeout = settings.cancel_timeout = 0ms;
    make().on("echo", echo_task);
    start();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "echo", std::string(1024, 'x'))).size() == 1024U);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
