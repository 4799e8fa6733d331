// Our client against a server that the test plays.
//
//     BOOST_FIXTURE_TEST_CASE(a_second_answer_is_ignored, scripted_server) {
//         connect_and_greet();
//         auto call = start("echo", "x");
//         server->expects_request(1, "echo", "x");
//         server->sends(raw::response(1, "y") + raw::response(1, "z"));
//         BOOST_TEST(reply_of(call) == "y");
//     }
#pragma once

#include "support/io_fixture.hpp"
#include "support/raw_peer.hpp"

#include <echosocket/client.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace echosocket::test {

struct scripted_server : io_fixture {
    using pending = spawned<result<std::string>>;

    client_config config;  ///< Used from `connect` on; its calls have no timeout.
    std::optional<raw_peer> server;
    client caller;

    scripted_server();
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server();

    /// The client begins to connect and sends its HELLO.
    void connect(testing::faults on_clients_side = {}, testing::faults on_servers_side = {});
    void connect_and_greet(const wire::hello& servers = {.name = "scripted"});
    /// The client is connected.
    void expect_connected(raw_peer::step at = raw_peer::step::current());
    /// Why the client did not connect.
    failure expect_not_connected(raw_peer::step at = raw_peer::step::current());

    [[nodiscard]] pending start(std::string_view task, std::string body = {}, call_options options = {});
    std::string reply_of(pending& call, raw_peer::step at = raw_peer::step::current());
    failure failure_of(pending& call, raw_peer::step at = raw_peer::step::current());
    /// Why the connection ended, as the client's user sees it.
    failure expect_closed(raw_peer::step at = raw_peer::step::current());
    /// A call is made and answered as usual.
    void expect_usable(raw_peer::step at = raw_peer::step::current());

    void pass(duration time, duration step = 1s);

private:
    std::optional<spawned<result<client>>> connecting_;
};

}  // namespace echosocket::test
