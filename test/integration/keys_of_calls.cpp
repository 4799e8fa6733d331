// Whose an idempotency key is, and which arguments belong to it.
#include "integration/service_fixture.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

struct keys_fixture : service_fixture {
    int runs = 0;
    std::vector<std::string> log;

    keys_fixture() {
        settings.log = [this](log_level, std::string_view text) { log.emplace_back(text); };
    }
    ~keys_fixture() { finish(); }
    void serve() {
        make().on("pay", [this](int amount) {
            ++runs;
            return amount;
        });
        service->on("pay slowly", [this](task_context& call, int amount) -> asio::awaitable<int> {
            co_await call.sleep_for(1s);
            ++runs;
            co_return amount;
        });
        service->on("busy", [this](int) -> result<int> {
            ++runs;
            return failure(errc::overloaded, "not now");
        });
        service->on("length", [this](std::string_view bytes) {
            ++runs;
            return bytes.size();
        });
        start();
    }
    client join_as(std::string name) {
        auto config = client_settings;
        config.name = std::move(name);
        return join(std::move(config));
    }
    result<int> pay(const client& c, int amount) { return ask<int>(c, once("a"), "pay", amount); }
    result<std::size_t> length(const client& c, std::string body, content_type type) {
        auto reply = run([&] {
            encoded_body raw{std::move(body), type};
            return c.call_raw("length", std::move(raw), once("a"));
        });
        if (!reply) return reply.error();
        return std::stoul(reply->body);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keys_of_calls, keys_fixture)

BOOST_AUTO_TEST_CASE(a_key_that_comes_with_other_arguments_is_a_bad_request_that_says_so) {
    serve();
    auto c = join();
    BOOST_TEST(value_of(pay(c, 5)) == 5);
    const auto other = pay(c, 6);
    BOOST_TEST(outcome(other) == "bad_request");
    BOOST_TEST(other.error().detail.find("other arguments") != std::string::npos);
    BOOST_TEST((!other.error().started && !other.error().retryable));
    BOOST_TEST((other.error().origin == failure_origin::other_end));
    BOOST_TEST(value_of(pay(c, 5)) == 5);
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(also_while_the_first_call_runs_which_goes_on) {
    serve();
    auto c = join();
    auto first = begin<int>(c, once("a"), "pay slowly", 5);
    settle();
    BOOST_TEST(outcome(ask<int>(c, once("a"), "pay slowly", 6)) == "bad_request");
    auto same = begin<int>(c, once("a"), "pay slowly", 5);
    settle();
    clock.advance(1s);
    BOOST_TEST(value_of(run(first)) == 5);
    BOOST_TEST(value_of(run(same)) == 5);
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(the_same_bytes_as_another_type_are_other_arguments) {
    serve();
    auto c = join();
    BOOST_TEST(value_of(length(c, "12", content_type::bytes)) == 2U);
    BOOST_TEST(outcome(length(c, "12", content_type::json)) == "bad_request");
    BOOST_TEST(value_of(length(c, "12", content_type::bytes)) == 2U);
    BOOST_TEST(runs == 1);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_key_whose_call_came_to_nothing_is_free_again) {
    serve();
    auto c = join();
    BOOST_TEST(outcome(ask<int>(c, once("a"), "busy", 1)) == "overloaded");
    BOOST_TEST(outcome(ask<int>(c, once("a"), "busy", 2)) == "overloaded");
    BOOST_TEST(runs == 2);
    leave(c);
}

BOOST_AUTO_TEST_CASE(a_server_says_whose_the_keys_are) {
    settings.key_scope = [](const peer& who) { return who.name(); };
    serve();
    auto ada = join_as("Ada");
    auto bob = join_as("Bob");
    auto ada_again = join_as("Ada");
    BOOST_TEST(value_of(pay(ada, 5)) == 5);
    BOOST_TEST(value_of(pay(bob, 6)) == 6);
    BOOST_TEST(value_of(pay(ada_again, 5)) == 5);
    BOOST_TEST(outcome(pay(ada_again, 6)) == "bad_request");
    BOOST_TEST(runs == 2);
    for (auto* each : {&ada, &bob, &ada_again}) leave(*each);
}

BOOST_AUTO_TEST_CASE(without_that_all_clients_share_their_keys) {
    serve();
    auto ada = join_as("Ada");
    auto bob = join_as("Bob");
    BOOST_TEST(value_of(pay(ada, 5)) == 5);
    BOOST_TEST(value_of(pay(bob, 5)) == 5);
    BOOST_TEST(outcome(pay(bob, 6)) == "bad_request");
    BOOST_TEST(runs == 1);
    leave(ada), leave(bob);
}

BOOST_AUTO_TEST_CASE(if_that_throws_the_call_fails_and_nothing_else) {
    settings.key_scope = [](const peer& who) -> std::string {
        if (who.name() == "Bob") throw 42;
        throw std::runtime_error("no such account");
    };
    serve();
    for (const char* name : {"Ada", "Bob"}) {
        auto c = join_as(name);
        const auto refused = pay(c, 5);
        BOOST_TEST(outcome(refused) == "task_failed");
        BOOST_TEST(!refused.error().started);
        BOOST_TEST(refused.error().detail.find("account") == std::string::npos);
        BOOST_TEST(value_of(ask<int>(c, "pay", 7)) == 7);  // without a key
        leave(c);
    }
    BOOST_TEST(runs == 2);
    BOOST_TEST(std::ranges::count_if(log, [](auto& line) { return line.find("key_scope threw") != line.npos; }) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
