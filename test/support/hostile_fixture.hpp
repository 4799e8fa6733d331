// A server under attack, and a well-behaved client (the bystander) that must not be affected.
//
//     BOOST_FIXTURE_TEST_CASE(a_second_hello_ends_the_connection, hostile_fixture) {
//         config.limits.max_calls = 2;                       // before the first attacker comes
//         auto attacker = connect();                         // over memory, or connect_over_tcp_and_reset()
//         attacker.greets();
//         attacker.sends(raw::hello());
//         attacker.expects_the_end_because(errc::protocol_error);
//         expect_closed(errc::protocol_error);
//     }
//
// The bystander has a call running from the first attack to the end of the test. The destructor fails the test if that
// call or a new one is not answered as usual, or if an attack left anything running on the server.
#pragma once

#include "support/io_fixture.hpp"
#include "support/raw_peer.hpp"

#include <echosocket/client.hpp>
#include <echosocket/server.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::test {

struct hostile_fixture : io_fixture {
    server_config config;                  ///< Used from the first connection on.
    std::function<void(server&)> prepare;  ///< Called with the server before its first connection.

    hostile_fixture();
    hostile_fixture(const hostile_fixture&) = delete;
    hostile_fixture& operator=(const hostile_fixture&) = delete;
    ~hostile_fixture();
    /// For the destructor of a fixture to whose members the log writes: the server's last lines come when it ends.
    void finish();

    /// One more connection to the server, served like any other.
    raw_peer connect(testing::faults on_servers_side = {}, testing::faults on_its_own = {});
    /// Ends with a reset instead of an orderly close.
    raw_peer connect_over_tcp_and_reset();
    /// A well-behaved client besides the fixture's own.
    client connect_client(client_config with = {});

    server_stats stats();
    /// Exactly `count` connections have ended for that reason so far, and none for another reason but the peers' own.
    void expect_closed(errc reason, std::size_t count = 1, raw_peer::step at = raw_peer::step::current());
    void expect_refused(errc reason, std::size_t count = 1, raw_peer::step at = raw_peer::step::current());
    /// Open connections, without the bystander's.
    std::size_t attackers();
    [[nodiscard]] std::size_t holding() const noexcept;  ///< Calls of `hold` that are running, without the bystander's.
    [[nodiscard]] std::size_t cancelled_holds() const noexcept;

    /// Starts the server; the first connection does it too.
    void start();

    /// Advances time in steps, so that everything that is due happens in order.
    void pass(duration time, duration step = 1s);

private:
    struct held_calls;

    void add_tasks();
    void check_bystander();
    void stop_server();
    [[nodiscard]] std::size_t count_of(const std::map<std::string, std::uint64_t>& counts, errc reason,
                                       std::size_t expected);

    std::shared_ptr<held_calls> held_;
    std::optional<server> server_;
    std::optional<spawned<result<shutdown_report>>> running_;
    client bystander_;
    std::optional<spawned<result<std::string>>> bystanders_call_;
    std::vector<std::string> unprintable_log_;
};

}  // namespace echosocket::test
