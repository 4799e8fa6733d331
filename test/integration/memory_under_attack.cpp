// What a server takes of the machine's memory under each way there is to make it hold something: its budget, and a
// little for all else. A process of its own is measured; with a sanitizer its memory
// would be too, so CMake leaves this suite out there.
#include "support/forked_server.hpp"
#include "support/raw_frames.hpp"
#include "support/sizes.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t bound = 64 * mib;
constexpr std::size_t slack = 64 * mib;

asio::awaitable<void> hold(task_context& call, std::string) {
    co_await call.sleep_for(1h);
}
asio::awaitable<void> hold_view(task_context& call, std::string_view) {
    co_await call.sleep_for(1h);
}
asio::awaitable<void> hold_json(task_context& call, json::value) {
    co_await call.sleep_for(1h);
}
asio::awaitable<void> leave_unread(task_context& call, source<std::string>&) {
    co_await call.sleep_for(1h);
}

server_config with_memory_budget() {
    server_config config;
    config.port = 0;
    config.memory_budget = bound;
    config.max_connections = 2'000;
    return config;
}

void add_tasks(server& service) {
    service.on("echo", [](std::string text) { return text; });
    service.on("hold", hold);
    service.on("hold view", hold_view);
    service.on("hold json", hold_json);
    service.on("unread", leave_unread);
}

struct attacked {
    forked_server service{with_memory_budget(), add_tasks};
    const std::size_t at_rest = service.peak_memory();
    std::vector<std::unique_ptr<raw_writer>> attackers;

    raw_writer& attacker() { return *attackers.emplace_back(std::make_unique<raw_writer>(service.port())); }

    /// A REQUEST in pieces, complete only if `ends`.
    static void send_body(raw_writer& to, std::uint32_t id, std::string_view task, std::size_t size, bool ends,
                          char fill = 'x') {
        const std::string chunk(60 * kib, fill);
        bool taken = to.writes(raw::request(id, task, {}, wire::flag_more));
        for (std::size_t sent = 0; taken && sent < size; sent += chunk.size())
            taken = to.writes(raw::piece(id, chunk, wire::flag_more));
        if (taken && ends) to.writes(raw::piece(id, "x"));
    }

    /// Another client is answered, and one that has gone leaves nothing behind.
    void check() {
        BOOST_TEST_REQUIRE(service.is_running());
        BOOST_TEST(service.peak_memory() - at_rest < bound + slack);
        attackers.clear();
        asio::io_context io;
        auto ask = asio::co_spawn(io, ask_once(service.port()), asio::use_future);
        io.run();
        BOOST_TEST(ask.get() == "on");
        BOOST_TEST_MESSAGE("at rest " << at_rest / kib << " KiB, at most " << service.peak_memory() / kib << " KiB");
    }

    /// Until the server has noticed that its attackers have gone.
    static asio::awaitable<std::string> ask_once(std::uint16_t port) {
        for (;;) {
            auto guest = co_await client::connect("127.0.0.1:" + std::to_string(port));
            if (!guest) co_return guest.error().message();
            auto reply = co_await guest->call<std::string>("echo", "on");
            if (reply) co_return *reply;
            if (reply.error().code != errc::overloaded) co_return reply.error().message();
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(memory_under_attack)

BOOST_FIXTURE_TEST_CASE(large_bodies_that_are_not_complete, attacked) {
    for (int i = 0; i != 60; ++i) send_body(attacker(), 1, "echo", 15 * mib, false);
    check();
}

BOOST_FIXTURE_TEST_CASE(bodies_just_large_enough_for_addresses_of_their_own, attacked) {
    for (int i = 0; i != 200; ++i) {
        auto& one = attacker();
        for (std::uint32_t id = 1; id != 9; id += 2) send_body(one, id, "echo", 180 * kib, false);
    }
    check();
}

BOOST_FIXTURE_TEST_CASE(running_calls_with_large_bodies, attacked) {
    for (int i = 0; i != 12; ++i) {
        auto& one = attacker();
        for (std::uint32_t id = 1; id != 9; id += 2) send_body(one, id, "hold", 15 * mib, true);
    }
    check();
}

BOOST_FIXTURE_TEST_CASE(large_json_arguments, attacked) {
    std::string digits = "[0";
    while (digits.size() < 50 * kib) digits += ",0";
    digits += "]";
    std::string outer = "[";
    for (int i = 0; i != 35; ++i) outer += digits + ",";
    outer += "0]";
    const auto head = raw::meta({.name = "hold json", .content_type = content_type::json});
    for (int i = 0; i != 30; ++i) {
        auto& one = attacker();
        for (std::uint32_t id = 1; id != 9; id += 2) {
            bool taken = one.writes(raw::bytes_of({wire::frame_kind::request, wire::flag_more, id, head}));
            for (std::size_t at = 0; taken && at < outer.size(); at += 60 * kib)
                taken = one.writes(raw::piece(id, outer.substr(at, 60 * kib),
                                              at + 60 * kib < outer.size() ? wire::flag_more : std::uint8_t{0}));
        }
    }
    check();
}

BOOST_FIXTURE_TEST_CASE(small_running_calls_each_with_a_block_of_its_own, attacked) {
    std::uint32_t id = 1;
    for (int i = 0; i != 2; ++i) {
        auto& one = attacker();
        for (int n = 0; n != 1'024; ++n, id += 4)
            if (!one.writes(raw::request(id, "hold view", "x") +
                            raw::request(id + 2, "nothing", std::string(63 * kib, 'x'))))
                break;
    }
    check();
}

BOOST_FIXTURE_TEST_CASE(unread_streams_of_empty_items, attacked) {
    for (int i = 0; i != 4; ++i) {
        auto& one = attacker();
        bool taken = true;
        for (std::uint32_t id = 1; id != 129; id += 2) taken = one.writes(raw::stream_request(id, "unread", 1));
        for (std::uint32_t id = 1; taken && id != 129; id += 2) {
            std::string many;
            for (int n = 0; n != 80'000; ++n) many += raw::item(id, "");
            taken = one.writes(many);
        }
    }
    check();
}

BOOST_AUTO_TEST_SUITE_END()
