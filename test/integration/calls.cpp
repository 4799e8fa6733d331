// Calls, over every kind of transport.
#include "integration/service_fixture.hpp"

#include <boost/describe.hpp>

#include <unistd.h>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct point {
    int x = 0;
    int y = 0;
    std::optional<std::string> label;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y, label))

asio::awaitable<point> mirror(task_context& call, point at) {
    co_await call.sleep_for(0ms);
    co_return point{at.y, at.x, at.label};
}

asio::awaitable<result<std::string>> shout(std::string_view text) {
    if (text.empty()) co_return failure(errc::application, "nothing to shout");
    co_return std::string(text) + "!";
}

struct calls_fixture : service_fixture {
    int forgotten = 0;

    void offer_tasks() {
        auto& s = make();
        s.on("echo", echo_task);
        s.on("add", [](int a, int b) { return a + b; });
        s.on("forget", [this](int n) { forgotten += n; });
        s.on("pause", [](task_context& call) -> asio::awaitable<void> { co_await call.sleep_for(0ms); });
        s.on("mirror", mirror);
        s.on("shout", shout);
        s.on("half", [](double of) -> result<double> {
            if (of == 0) return failure(errc::bad_request, "zero has no half here");
            return of / 2;
        });
        s.on("whoami", [](task_context& call) { return call.peer().name() + " by " + std::string(call.trace_id()); });
    }

    void check_every_task(const client& c) {
        forgotten = 0;
        const std::string bytes("\0\xff raw \n", 8);
        BOOST_TEST(value_of(ask<std::string>(c, "echo", bytes)) == bytes);
        BOOST_TEST(value_of(ask<std::string>(c, "echo")) == "");
        BOOST_TEST(value_of(ask<int>(c, "add", 40, 2)) == 42);
        BOOST_TEST(outcome(ask(c, "forget", 7)) == "ok");
        BOOST_TEST(forgotten == 7);
        BOOST_TEST(outcome(ask(c, "pause")) == "ok");
        const auto seen = value_of(ask<point>(c, "mirror", point{1, 2, "here"}));
        BOOST_TEST((seen.x == 2 && seen.y == 1 && seen.label == "here"));
        BOOST_TEST(value_of(ask<std::string>(c, "shout", "hey")) == "hey!");
        const auto refused = ask<std::string>(c, "shout", "");
        BOOST_TEST(outcome(refused) == "application");
        BOOST_TEST(refused.error().detail == "nothing to shout");
        BOOST_TEST(value_of(ask<double>(c, "half", 5.0)) == 2.5);
        BOOST_TEST(outcome(ask<double>(c, "half", 0.0)) == "bad_request");
        call_options traced;
        traced.trace_id = "trace-7";
        BOOST_TEST(value_of(ask<std::string>(c, traced, "whoami")) == "guest by trace-7");
    }
};

std::string socket_path() {
    const auto name = "echosocket-calls-" + std::to_string(::getpid()) + ".sock";
    return (std::filesystem::temp_directory_path() / name).string();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls, calls_fixture)

BOOST_AUTO_TEST_CASE(every_kind_of_handler_answers_over_memory) {
    client_settings.name = "guest";
    offer_tasks();
    start();
    auto c = join();
    BOOST_TEST(c.address() == "memory");
    check_every_task(c);
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_server_answers_over_ipv4_ipv6_and_a_unix_socket_at_once) {
    client_settings.name = "guest";
    const auto path = socket_path();
    settings.listen = {"127.0.0.1:0", "[::1]:0", "unix:" + path};
    offer_tasks();
    if (const auto open = service->listen(); !open) {
        BOOST_TEST_MESSAGE("without IPv6: " << open.error().message());
        settings.listen.erase(settings.listen.begin() + 1);
        offer_tasks();
    }
    start();
    BOOST_TEST(service->port() != 0);
    BOOST_TEST(service->addresses().front() == "127.0.0.1:" + std::to_string(service->port()));
    BOOST_TEST(service->addresses().back() == "unix:" + path);
    std::vector<client> guests;
    for (const auto& address : service->addresses()) {
        BOOST_TEST_CONTEXT(address) {
            guests.push_back(join_at(address));
            BOOST_TEST(guests.back().address() == address);
            check_every_task(guests.back());
        }
    }
    guests.push_back(join());
    check_every_task(guests.back());
    BOOST_TEST(stats().connections == settings.listen.size() + 1);
    for (auto& c : guests) leave(c);
    stop();
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_registered_goes_to_the_fallback) {
    make().on("known", [] { return std::string("known"); });
    service->fallback([](task_context& call, std::string_view data) {
        return std::string(call.task()) + " received: " + std::string(data);
    });
    start();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "known")) == "known");
    BOOST_TEST(value_of(ask<std::string>(c, "anything", "data")) == "anything received: data");
    // The user's fallback does not get the library's own names.
    BOOST_TEST(outcome(ask<std::string>(c, "$nothing", "data")) == "unknown_task");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_raw_reply_comes_with_its_type) {
    offer_tasks();
    start();
    auto c = join();
    const auto number = value_of(run([&] { return c.call_raw("add", encoded_body{"[1,2]", content_type::json}); }));
    BOOST_TEST(number.body == "3");
    BOOST_TEST((number.type == content_type::json));
    const auto text = value_of(run([&] { return c.call_raw("echo", encoded_body{"text"}); }));
    BOOST_TEST((text.body == "text" && text.type == content_type::bytes));
    leave(c);
}

BOOST_AUTO_TEST_CASE(one_string_reaches_a_task_whose_other_parameters_may_be_missing) {
    make().on("greet",
              [](std::string name, std::optional<int> times) { return name + std::to_string(times.value_or(1)); });
    service->on("join",
                [](task_context& call, std::string all, variadic<std::string> more) -> asio::awaitable<std::string> {
                    co_await call.sleep_for(0ms);
                    for (const auto& one : more) all += one;
                    co_return all + (call.content_type() == content_type::json ? " from JSON" : " as it stands");
                });
    start();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "greet", "Ann")) == "Ann1");
    BOOST_TEST(value_of(ask<std::string>(c, "greet", "Ann", 2)) == "Ann2");
    BOOST_TEST(value_of(ask<std::string>(c, "join", "[\"a\"]")) == "[\"a\"] as it stands");
    BOOST_TEST(value_of(ask<std::string>(c, "join", "a", "b")) == "ab from JSON");
    const std::string large(3'000'000, 'l');  // split into frames, of which only the first has the meta
    BOOST_TEST((value_of(ask<std::string>(c, "join", large)) == large + " as it stands"));
    BOOST_TEST((value_of(ask<std::string>(c, "join", large, "x")) == large + "x from JSON"));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_no_such_value_is_a_bad_reply) {
    offer_tasks();
    start();
    auto c = join();
    const auto wrong = ask<int>(c, "echo", "seven");
    BOOST_TEST(outcome(wrong) == "bad_reply");
    BOOST_TEST(wrong.error().detail.find("integer") != std::string::npos);
    BOOST_TEST(value_of(ask<int>(c, "echo", "7")) == 7);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_raw_handler_s_view_stays_valid_while_others_come_and_go) {
    make().on("hold", [](task_context& call, std::string_view text) -> asio::awaitable<std::string> {
        co_await call.sleep_for(1s);
        co_return std::string(text);
    });
    service->on("echo", echo_task);
    start();
    auto c = join();
    const std::string precious(1000, 'p');
    auto held = begin<std::string>(c, "hold", precious);
    for (int i = 0; i != 200; ++i) (void)ask<std::string>(c, "echo", std::string(1000, 'x'));
    clock.advance(1s);
    BOOST_TEST(value_of(run(held)) == precious);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_default_client_answers_that_it_was_never_connected) {
    client nobody;
    BOOST_TEST(!nobody.connected());
    BOOST_TEST(outcome(ask(nobody, "echo")) == "connection_closed");
    BOOST_TEST((run([&] { return nobody.closed(); }).code == errc::connection_closed));
    leave(nobody);
}

BOOST_AUTO_TEST_CASE(frames_split_at_every_byte_make_the_same_calls) {
    client_settings.name = "guest";
    offer_tasks();
    start();
    auto [ours, theirs] = testing::memory_pipe({.max_read = 1, .max_write = 1}, {.max_read = 1, .max_write = 1});
    service->attach(std::move(theirs));
    auto c = value_of(run([&] { return client::connect(std::move(ours), client_settings); }));
    check_every_task(c);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
