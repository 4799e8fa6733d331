// A server that calls its clients, from inside a handler and from outside.
#include "integration/service_fixture.hpp"
#include "support/alive.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;
using wire::frame_kind;

namespace {

struct clients_fixture : service_fixture {
    int at_server = 0;  ///< Handlers that are running.
    int at_client = 0;
    std::optional<duration> left;  ///< Until the deadline of the last call to the client.
    std::string trace_id;
    std::optional<peer> kept;  ///< The last peer that called.

    void serve() {
        make().on(
            "ask back",
            [this](task_context& call, std::string task, std::string text) -> asio::awaitable<result<std::string>> {
                const alive here(at_server);
                auto answer = co_await call.peer().call<std::string>(task, text);
                co_return answer;
            });
        service->on("remember me", [this](task_context& call) { kept = call.peer(); });
        service->on("echo", echo_task);
        start();
        client_settings.handlers.on("shout", [](std::string text) { return text + "!"; });
        client_settings.handlers.on("nap", [this](task_context& call, std::string) -> asio::awaitable<std::string> {
            const alive here(at_client);
            left = call.remaining();
            trace_id = call.trace_id();
            co_await call.sleep_for(10s);
            co_return "slept";
        });
        client_settings.handlers.on("through",
                                    [](task_context& call, std::string text) -> asio::awaitable<result<std::string>> {
                                        auto answer = co_await call.peer().call<std::string>("echo", text);
                                        co_return answer;
                                    });
    }

    peer only_peer() {
        return run([this] { return service->peers(); }).at(0);
    }

    template <class T = void, class... Args>
    spawned<result<T>> call(peer to, call_options options, std::string_view task, const Args&... args) {
        return spawn([&, to] { return to.call<T>(options, task, args...); });
    }
    /// A client that the test plays by hand, and the server's handle to it.
    std::pair<raw_peer, peer> join_by_hand(const wire::hello& hello = {.name = "by hand"}) {
        auto raw = join_raw();
        raw.greets(hello);
        return {std::move(raw), only_peer()};
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls_to_clients, clients_fixture)

BOOST_AUTO_TEST_CASE(a_handler_calls_whoever_called_it_to_any_depth) {
    serve();
    auto c = join();
    BOOST_TEST(value_of(ask<std::string>(c, "ask back", "shout", "hello")) == "hello!");
    // The client calls the server, which calls the client, which calls the server again.
    BOOST_TEST(value_of(ask<std::string>(c, "ask back", "through", "deep")) == "deep");
    std::vector<spawned<result<std::string>>> many;
    for (int i = 0; i != 500; ++i) many.push_back(begin<std::string>(c, "ask back", "through", std::to_string(i)));
    for (int i = 0; i != 500; ++i) BOOST_TEST(value_of(run(many[static_cast<std::size_t>(i)])) == std::to_string(i));
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_calls_a_client_of_its_own_accord) {
    serve();
    auto c = join();
    const auto to = only_peer();
    BOOST_TEST(to.name() == "client");
    BOOST_TEST(value_of(run(call<std::string>(to, {}, "shout", std::string("hi")))) == "hi!");
    const auto found = run([&] { return service->find(to.id()); });
    BOOST_TEST((found && *found == to));
    leave(c);
}

BOOST_AUTO_TEST_CASE(tasks_may_be_added_while_the_connection_stands) {
    serve();
    auto c = join();
    const auto to = only_peer();
    BOOST_TEST(outcome(run(call<int>(to, {}, "add", 1, 2))) == "unknown_task");
    c.on("add", [](int a, int b) { return a + b; });
    BOOST_TEST(value_of(run(call<int>(to, {}, "add", 1, 2))) == 3);
    BOOST_CHECK_THROW(c.on("add", [](int a, int b) { return a - b; }), usage_error);
    leave(c);
}

BOOST_AUTO_TEST_CASE(what_a_client_answers_to_an_unknown_task_names_those_there_are) {
    serve();
    auto c = join();
    const auto answer = ask<std::string>(c, "ask back", "shuot", "x");
    BOOST_TEST(outcome(answer) == "unknown_task");
    BOOST_TEST(answer.error().detail.find("shout") != std::string::npos, answer.error().detail);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_back_keeps_to_the_deadline_and_the_trace_of_the_call_it_is_made_for) {
    serve();
    auto c = join();
    auto options = with_timeout(700ms);
    options.trace_id = "trace";
    auto outer = begin<std::string>(c, options, "ask back", "nap", "");
    settle();
    BOOST_TEST((left && *left > 600ms && *left <= 700ms));
    BOOST_TEST(trace_id == "trace");
    clock.advance(700ms);
    BOOST_TEST(outcome(run(outer)) == "deadline_exceeded");
    settle();
    BOOST_TEST((at_server == 0 && at_client == 0));
    leave(c);
}

BOOST_AUTO_TEST_CASE(cancelling_the_outer_call_cancels_the_one_at_the_other_end) {
    serve();
    auto c = join();
    auto outer = spawn([&]() -> asio::awaitable<bool> {
        auto reply = c.call<std::string>("ask back", "nap", "");
        auto limit = sleep_for(clock, 1s);
        const auto first = co_await (std::move(reply) || std::move(limit));
        co_return first.index() == 1;
    });
    settle();
    BOOST_TEST((at_server == 1 && at_client == 1));
    clock.advance(1s);
    BOOST_TEST(run(outer));
    settle();
    BOOST_TEST((at_server == 0 && at_client == 0));
    BOOST_TEST(stats().running_calls == 0U);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_call_to_a_client_ends_with_its_own_timeout_and_the_connection_goes_on) {
    serve();
    auto c = join();
    auto late = call<std::string>(only_peer(), with_timeout(50ms), "nap", std::string());
    settle();
    BOOST_TEST(at_client == 1);
    clock.advance(50ms);
    BOOST_TEST(outcome(run(late)) == "deadline_exceeded");
    settle();
    BOOST_TEST(at_client == 0);
    BOOST_TEST(value_of(ask<std::string>(c, "echo", "next")) == "next");
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_handle_outlives_its_connection_and_says_that_it_is_gone) {
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask(c, "remember me")) == "ok");
    auto running = call<std::string>(*kept, {}, "nap", std::string());
    settle();
    BOOST_TEST((kept->connected() && at_client == 1));
    leave(c);
    settle();
    BOOST_TEST(outcome(run(running)) == "connection_lost");
    BOOST_TEST((!kept->connected() && at_client == 0));
    BOOST_TEST(outcome(run(call<std::string>(*kept, {}, "shout", std::string("x")))) == "connection_lost");
    BOOST_TEST(outcome(kept->notify("news", 1)) == "connection_lost");
    BOOST_TEST(kept->name() == "client");
    (void)stop();
    service.reset();
    BOOST_TEST(outcome(run(call<std::string>(*kept, {}, "shout", std::string("x")))) == "connection_lost");
    BOOST_TEST(outcome(run(call<std::string>(peer(), {}, "shout", std::string("x")))) == "connection_lost");
}

BOOST_AUTO_TEST_CASE(a_server_keeps_to_the_calls_that_its_client_takes_at_once) {
    serve();
    auto [raw, to] = join_by_hand({.name = "narrow", .max_calls = 2});
    std::vector<spawned<result<std::string>>> calls;
    for (int i = 0; i != 3; ++i) calls.push_back(call<std::string>(to, {}, "any", std::to_string(i)));
    settle();
    raw.expects_request(2, "any", "0");
    raw.expects_request(4, "any", "1");
    raw.expects_nothing();
    raw.sends(raw::response(4, "b"));
    raw.expects_request(6, "any", "2");
    raw.sends(raw::response(6, "c") + raw::response(2, "a"));
    BOOST_TEST(value_of(run(calls[0])) == "a");
    BOOST_TEST(value_of(run(calls[1])) == "b");
    BOOST_TEST(value_of(run(calls[2])) == "c");
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_client_that_never_answers_costs_its_calls_their_time_and_nobody_else_anything) {
    serve();
    auto [raw, to] = join_by_hand({.name = "silent", .max_calls = 2});
    auto guest = join();
    std::vector<spawned<result<std::string>>> calls;
    for (int i = 0; i != 100; ++i) calls.push_back(call<std::string>(to, with_timeout(1s), "any", std::string("x")));
    settle();
    raw.expects_request(2, "any", "x");
    raw.expects_request(4, "any", "x");
    clock.advance(1s);
    for (auto& one : calls) BOOST_TEST(outcome(run(one)) == "deadline_exceeded");
    raw.expects_cancel(2);
    raw.expects_cancel(4);
    // Both keep their slots until they are answered, so there is none for a third.
    auto third = call<std::string>(to, with_timeout(1s), "any", std::string("y"));
    raw.expects_nothing();
    BOOST_TEST(value_of(ask<std::string>(guest, "ask back", "shout", "well")) == "well!");
    raw.sends(raw::error(2, errc::cancelled));
    raw.expects_request(6, "any", "y");
    raw.sends(raw::response(6, "at last"));
    BOOST_TEST(value_of(run(third)) == "at last");
    raw.leaves();
    leave(guest);
}

BOOST_AUTO_TEST_CASE(answers_that_come_twice_or_to_no_call_are_ignored) {
    serve();
    auto [raw, to] = join_by_hand();
    auto first = call<std::string>(to, {}, "any", std::string("x"));
    settle();
    raw.expects_request(2, "any", "x");
    raw.sends(raw::response(0, "none") + raw::response(1, "mine") + raw::response(4, "early"));
    raw.sends(raw::response(2, "once") + raw::response(2, "twice") + raw::error(2, errc::task_failed));
    BOOST_TEST(value_of(run(first)) == "once");
    auto second = call<std::string>(to, {}, "any", std::string("y"));
    settle();
    raw.expects_request(4, "any", "y");
    raw.sends(raw::response(77, "wrong") + raw::response(4, "right"));
    BOOST_TEST(value_of(run(second)) == "right");
    raw.expects_nothing();
    raw.leaves();
}

BOOST_AUTO_TEST_CASE(a_client_s_handler_that_is_cancelled_by_the_end_of_the_connection_ends_with_it) {
    serve();
    auto c = join();
    auto running = call<std::string>(only_peer(), {}, "nap", std::string());
    settle();
    BOOST_TEST(at_client == 1);
    only_peer().close("go away");
    BOOST_TEST(outcome(run(running)) != "ok");
    BOOST_TEST(run([&] { return c.closed(); }).code == errc::refused);
    BOOST_TEST(at_client == 0);
    leave(c);
}

BOOST_AUTO_TEST_SUITE_END()
