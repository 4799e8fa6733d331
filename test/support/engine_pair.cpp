#include "support/engine_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::test {

engine_pair::engine_pair(end_options of_client, end_options of_server)
    : client(protocol::role::client, std::move(of_client)), server(protocol::role::server, std::move(of_server)) {}

void engine_pair::begin() {
    client.begin();
    server.begin();
}

void engine_pair::open() {
    begin();
    exchange();
    BOOST_REQUIRE(client.reason() == "none");
    BOOST_REQUIRE(server.reason() == "none");
    forget();
}

bool engine_pair::move(engine_end& from, engine_end& to) {
    const auto bytes = from.take_output();
    if (is_dead) return false;
    if (!bytes.empty() && !to.engine.is_closed()) to.hear(bytes, chunk);
    const bool ends = bytes.empty() && (from.send_is_shut || from.engine.is_closed()) && !to.engine.is_closed();
    if (ends) to.hear_end();
    return !bytes.empty() || ends;
}

void engine_pair::exchange() {
    bool moved = true;
    while (moved) {
        moved = move(client, server);
        moved = move(server, client) || moved;
    }
}

void engine_pair::set_clocks(protocol::time_point now) {
    client.set_clock(now);
    server.set_clock(now);
}

void engine_pair::wait(std::chrono::milliseconds time) {
    exchange();
    const auto until = client.now + time;
    for (;;) {
        const auto next = std::min(client.engine.next_timeout(), server.engine.next_timeout());
        if (next > until) break;
        set_clocks(std::max(client.now, next));
        for (auto* end : {&client, &server})
            if (end->engine.next_timeout() <= end->now) end->handle_timeout();
        exchange();
    }
    set_clocks(until);
}

void engine_pair::forget() {
    for (auto* end : {&client, &server}) {
        (void)end->events();
        (void)end->says();
    }
}

void engine_pair::check_all_answered() {
    BOOST_TEST(client.reason() == "none");
    BOOST_TEST(server.reason() == "none");
    BOOST_TEST(client.requests_sent == server.answers_sent);
    BOOST_TEST(server.requests_sent == client.answers_sent);
    BOOST_TEST(client.engine.running() == 0U);
    BOOST_TEST(server.engine.running() == 0U);
}

}  // namespace echosocket::test
