// What a user would write in place, inside a `co_await` expression, which GCC 12 compiles to a double free for some
// types. Each of these has to compile, to run and to say the truth, under the sanitizers too; those that can't are
// refused: test/refused/temporaries.cpp.
#include "integration/service_fixture.hpp"

#include <echosocket/client_pool.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace asio::experimental::awaitable_operators;
using namespace std::string_literals;

namespace {

struct part {
    std::string name;
    int pieces = 0;

    friend bool operator==(const part&, const part&) = default;
};
BOOST_DESCRIBE_STRUCT(part, (), (name, pieces))

const std::string long_name = "a name that fits into no small string";

part make_part(int pieces) {
    return {long_name, pieces};
}

/// What a spelling may use.
struct ends {
    client c;
    server& s;
    std::string address;
    client_config config;
};

struct spelling {
    const char* written;
    asio::awaitable<bool> (*run)(ends& with);
};

#define SPELLING(...)                                                                          \
    spelling {                                                                                 \
#__VA_ARGS__, []([[maybe_unused]] ends& with) -> asio::awaitable<bool> {                     \
            [[maybe_unused]] auto& c = with.c;                                                       \
            __VA_ARGS__;                                                                             \
        } \
    }

const std::vector<spelling>& calls() {
    static const std::vector<spelling> all {
        SPELLING(auto r = co_await c.call<std::string>("echo", "a text that fits into no small string");
                 co_return r.value() == "a text that fits into no small string"),
            SPELLING(auto r = co_await c.call<std::string>("echo", std::string(100, 'x'));
                     co_return r.value() == std::string(100, 'x')),
            SPELLING(auto r = co_await c.call<std::string>("echo", long_name + " at all");
                     co_return r.value() == long_name + " at all"),
            SPELLING(auto r = co_await c.call<int>("add", 40, 2); co_return r.value() == 42),
            SPELLING(auto r = co_await c.call<int>("add", make_part(7).pieces, 0); co_return r.value() == 7),
            SPELLING(const part nut{long_name, 3}; auto r = co_await c.call<int>("count", nut);
                     co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<part>("twice", "a name that fits into no small string"s, 4);
                     co_return r.value() == (part{long_name, 8})),
            SPELLING(auto r = co_await c.call<std::size_t>("names", std::vector<std::string>(3, long_name));
                     co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<std::size_t>("names", std::vector(3, long_name));
                     co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<std::string>("maybe", std::optional(long_name));
                     co_return r.value() == long_name),
            SPELLING(auto r = co_await c.call<std::string>("pair", std::pair(long_name, 1));
                     co_return r.value() == long_name),
            SPELLING(auto r = co_await c.call<std::string>("pair", std::tuple(long_name, 1));
                     co_return r.value() == long_name),
            SPELLING(auto r = co_await (c.call<int>("add", 1, 2) && c.call<std::string>("echo", long_name + "!"));
                     co_return std::get<0>(r).value() == 3 && std::get<1>(r).value() == long_name + "!"),
            SPELLING(auto r = co_await c.call_raw("echo", {long_name + "!"});
                     co_return r.value().body == long_name + "!"),
            SPELLING(auto r = co_await c.call_raw("add", {"[1,2]", content_type::json});
                     co_return r.value().body == "3"),
            SPELLING(auto r = co_await c.call_raw("echo", encoded_body{long_name + "?"});
                     co_return r.value().body == long_name + "?"),
            SPELLING(auto r = co_await c.call_raw("add", encode_arguments(1, 2)); co_return r.value().body == "3"),
    };
    return all;
}

const std::vector<spelling>& options() {
    static const std::vector<spelling> all {
        SPELLING(auto r = co_await c.call<std::string>({.timeout = 1s, .trace_id = "a trace id that is long"}, "trace");
                 co_return r.value() == "a trace id that is long"),
            SPELLING(auto r = co_await c.call<std::string>(call_options{.trace_id = long_name}, "trace");
                     co_return r.value() == long_name),
            SPELLING(auto r = co_await c.call<int>({.timeout = 1s, .idempotency_key = "a key that is rather long"},
                                                   "add", 1, 2);
                     co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<int>(call_options(), "add", 1, 2); co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<int>(with_timeout(1s), "add", make_part(5).pieces, 0);
                     co_return r.value() == 5),
            SPELLING(auto r = co_await c.call<int>(once(), "add", 1, 2); co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<int>(once(long_name), "add", 1, 2); co_return r.value() == 3),
            SPELLING(auto r = co_await c.call<void>({.trace_id = std::string(65, 't')}, "trace");
                     co_return r.error().code == errc::bad_request),
            SPELLING(auto r = co_await c.call<void>({.timeout = -1ms}, "trace");
                     co_return r.error().code == errc::deadline_exceeded),
            SPELLING(auto r = co_await c.call_raw("trace", {}, {.trace_id = long_name});
                     co_return r.value().body == long_name),
            SPELLING(auto found = co_await with.s.find("guest with a rather long name"); co_return found.size() == 1U),
            SPELLING(auto r = co_await c.subscribe("a topic that fits into no small string"); co_return r.has_value()),
    };
    return all;
}

const std::vector<spelling>& streams_and_notifications() {
    static const std::vector<spelling> all {
        SPELLING(auto call = c.open<int, std::string, void>("lengths", part{long_name, 2});
                 auto sent = co_await call.out().send("a text that fits into no small string");
                 auto more = co_await call.out().send(std::string(100, 'x')); auto r = co_await call.reply();
                 co_return sent && more && r.value() == 137),
            SPELLING(auto call = c.open<int, part, void>({.trace_id = long_name}, "pieces"); part each{long_name, 2};
                     auto sent = co_await call.out().send(each); each.pieces = 3;
                     auto again = co_await call.out().send(each); auto r = co_await call.reply();
                     co_return sent && again && r.value() == 5),
            SPELLING(auto told = c.notify("note", part{long_name, 1}); auto r = co_await c.call<int>("noted");
                     co_return told && r.value() == 1),
            SPELLING(auto told = c.notify({.key = long_name, .trace_id = long_name}, "note", part{long_name, 1});
                     auto r = co_await c.call<int>("noted"); co_return told && r.value() == 2),
            SPELLING(
                c.on("greet", [greeting = long_name](std::string_view who) { return greeting + std::string(who); });
                auto there = co_await with.s.peers(); auto r = co_await there.front().call<std::string>("greet", "!");
                co_return r.value() == long_name + "!"),
            SPELLING(auto there = co_await with.s.peers(); auto room = with.s.group("room");
                     (void)room.join(there.front());
                     auto answers = room.ask<std::string>({.timeout = 1s, .quorum = 1}, "greet", "?");
                     auto first = co_await answers.next(); co_return first->reply.value() == long_name + "?"),
            SPELLING(with.s.publish({.key = long_name}, "news", part{long_name, 1});
                     with.s.broadcast("news", part{long_name, 1}); auto r = co_await c.call<int>("add", 1, 2);
                     co_return r.value() == 3),
    };
    return all;
}

const std::vector<spelling>& connecting() {
    static const std::vector<spelling> all {
        SPELLING(auto made = co_await client::connect(with.address); co_await made->close(); co_return true),
            SPELLING(auto made = co_await client::connect(std::string(with.address), with.config);
                     co_await made->close(); co_return true),
            SPELLING(auto made = co_await client::connect(std::vector<std::string>(1, with.address), with.config);
                     auto r = co_await made->call<int>("add", 1, 2); co_await made->close(); co_return r.value() == 3),
            SPELLING(auto made = co_await client::connect(with.s, with.config); co_await made->close(); co_return true),
            SPELLING(auto made = co_await client_pool::connect(with.address);
                     auto r = co_await made->call<int>(with_timeout(1s), "add", 1, 2); co_await made->close();
                     co_return r.value() == 3),
            SPELLING(const client_pool_config config{.client = with.config, .size = 2};
                     auto made = co_await client_pool::connect(with.address, config);
                     auto r = co_await made->call<int>({.trace_id = long_name}, "add", 1, 5); co_await made->close();
                     co_return r.value() == 6),
    };
    return all;
}

asio::awaitable<int> sum_of_lengths(source<std::string>& texts, [[maybe_unused]] part about) {
    std::size_t sum = 0;
    while (true) {
        auto text = co_await texts.next();
        if (!text || !*text) break;
        sum += (*text)->size();
    }
    co_return static_cast<int>(sum);
}

asio::awaitable<int> sum_of_pieces(source<part>& parts) {
    int sum = 0;
    while (true) {
        auto each = co_await parts.next();
        if (!each || !*each) break;
        sum += (*each)->pieces;
    }
    co_return sum;
}

struct natural_spellings_fixture : service_fixture {
    int noted = 0;

    void offer_tasks() {
        settings.may_subscribe = [](const peer&, std::string_view) -> result<void> { return {}; };
        auto& s = make();
        s.on("echo", echo_task);
        s.on("add", [](int a, int b) { return a + b; });
        s.on("count", [](const part& p) { return p.pieces; });
        s.on("twice", [](std::string name, int pieces) { return part{std::move(name), 2 * pieces}; });
        s.on("names", [](const std::vector<std::string>& names) { return names.size(); });
        s.on("maybe", [](const std::optional<std::string>& text) { return text.value_or("nothing"); });
        s.on("pair", [](const std::pair<std::string, int>& of) { return of.first; });
        s.on("trace", [](task_context& call) { return std::string(call.trace_id()); });
        s.on("lengths", sum_of_lengths);
        s.on("pieces", sum_of_pieces);
        s.on_notify("note", [this](const part& p) { noted += p.pieces; });
        s.on("noted", [this] { return noted; });
    }

    void check(const std::vector<spelling>& all) {
        client_settings.name = "guest with a rather long name";
        offer_tasks();
        start();
        ends with{join(), *service, service->addresses().front(), client_settings};
        for (const auto& each : all) {
            BOOST_TEST_CONTEXT(each.written) {
                BOOST_TEST(run([&] { return each.run(with); }));
            }
        }
        leave(with.c);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(natural_spellings, natural_spellings_fixture)

BOOST_AUTO_TEST_CASE(arguments_may_be_made_in_a_call) {
    check(calls());
}

BOOST_AUTO_TEST_CASE(options_may_be_made_in_a_call) {
    check(options());
}

BOOST_AUTO_TEST_CASE(items_and_notifications_may_be_made_in_place) {
    check(streams_and_notifications());
}

BOOST_AUTO_TEST_CASE(addresses_may_be_made_in_place) {
    check(connecting());
}

BOOST_AUTO_TEST_SUITE_END()
