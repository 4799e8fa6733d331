// A server under attack, and a well-behaved client beside the attackers that must notice nothing.
//
//     BOOST_FIXTURE_TEST_CASE(a_second_hello_ends_the_connection, hostile_fixture) {
//         config.limits.max_calls = 2;                       // before the first attacker comes
//         auto attacker = connect();                         // over memory; connect_over_tcp_and_reset() where the
//         kernel matters attacker.greets(); attacker.sends(raw::hello());
//         attacker.expects_the_end_because(errc::protocol_error);
//         expect_closed(errc::protocol_error);
//     }
//
// The bystander has a call running from the first attack to the end of the test. The destructor fails the test where
// that call, or a new one, is not answered as ever, and where an attack left anything running on the server.
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
    server_config config;                  ///< In force from the first connection on.
    std::function<void(server&)> prepare;  ///< Has the server before its first connection comes.

    hostile_fixture();
    hostile_fixture(const hostile_fixture&) = delete;
    hostile_fixture& operator=(const hostile_fixture&) = delete;
    ~hostile_fixture();

    /// One more connection to the server, which it serves as any other.
    raw_peer connect(testing::faults on_servers_side = {}, testing::faults on_its_own = {});
    /// With a reset instead of an orderly end when it leaves.
    raw_peer connect_over_tcp_and_reset();
    /// A well-behaved client beside the fixture's own.
    client connect_client(client_config with = {});

    server_stats stats();
    /// Exactly so many connections have ended for that reason so far, and none for another but the peers' own wish.
    void expect_closed(errc reason, std::size_t count = 1, raw_peer::step at = raw_peer::step::current());
    void expect_refused(errc reason, std::size_t count = 1, raw_peer::step at = raw_peer::step::current());
    /// Connections that live, without the bystander's.
    std::size_t attackers();
    [[nodiscard]] std::size_t holding() const noexcept;  ///< Calls that `hold`, without the bystander's.
    [[nodiscard]] std::size_t cancelled_holds() const noexcept;

    /// Starts the server; done by the first connection.
    void start();

    /// Lets time pass in steps, so that everything that is due on the way happens in its order.
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
