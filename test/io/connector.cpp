#include "io/connector.hpp"

#include "support/io_fixture.hpp"
#include "support/test_resolver.hpp"
#include "support/transport_io.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using asio::ip::tcp;

namespace {

using connection_result = result<std::unique_ptr<transport>>;

struct connector_fixture : io_fixture {
    spawned<connection_result> connect(const std::string& text, std::chrono::milliseconds timeout = 5s) {
        return spawn([this, where = net::parse_address(text).value(), timeout] {
            return net::connect_to(where, clock, timeout);
        });
    }

    static std::string address_of(const tcp::acceptor& acceptor) {
        const auto local = acceptor.local_endpoint();
        return net::to_string(net::address{.host = local.address().to_string(), .port = local.port()});
    }

    void check_failed(spawned<connection_result> connecting, errc code, std::string_view detail) {
        const auto outcome = run(connecting);
        BOOST_TEST_REQUIRE(!outcome.has_value());
        BOOST_TEST((outcome.error().code == code), outcome.error().message());
        BOOST_TEST(outcome.error().detail.find(detail) != std::string::npos, outcome.error().detail);
    }
};

tcp::endpoint loopback(const char* host = "127.0.0.1") {
    return {asio::ip::make_address(host), 0};
}

/// A port at which the system neither accepts nor refuses: the backlog is full.
struct deaf_listener {
    explicit deaf_listener(asio::io_context& io) : acceptor(io, tcp::v4()) {
        acceptor.bind(loopback());
        acceptor.listen(0);
        const auto local = acceptor.local_endpoint();
        for (int i = 0; i != 4; ++i) {
            fillers.emplace_back(io, tcp::v4()).native_non_blocking(true);
            (void)::connect(fillers.back().native_handle(), local.data(), static_cast<socklen_t>(local.size()));
        }
    }

    tcp::acceptor acceptor;
    std::vector<tcp::socket> fillers;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connector, connector_fixture)

BOOST_AUTO_TEST_CASE(a_number_is_connected_to) {
    for (const auto* host : {"127.0.0.1", "::1"}) {
        tcp::acceptor acceptor(io, loopback(host));
        const auto connected = run(connect(address_of(acceptor)));
        BOOST_TEST_REQUIRE(connected.has_value());
        BOOST_TEST((*connected)->remote_address() == address_of(acceptor));
    }
}

BOOST_AUTO_TEST_CASE(a_name_is_looked_up_and_all_its_addresses_tried) {
    for (const auto* host : {"127.0.0.1", "::1"}) {
        tcp::acceptor acceptor(io, loopback(host));
        const auto connected = run(connect("loopback.test:" + std::to_string(acceptor.local_endpoint().port())));
        BOOST_TEST_REQUIRE(connected.has_value());
        BOOST_TEST((*connected)->remote_address() == address_of(acceptor));
    }
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_connected_to) {
    const auto path = std::filesystem::temp_directory_path() / ("connector-" + std::to_string(::getpid()));
    asio::local::stream_protocol::acceptor acceptor(io, path.string());
    const auto connected = run(connect("unix:" + path.string()));
    std::filesystem::remove(path);
    BOOST_TEST_REQUIRE(connected.has_value());
    BOOST_TEST((*connected)->remote_address() == "unix:" + path.string());
}

BOOST_AUTO_TEST_CASE(a_unix_socket_with_a_full_backlog_is_no_connection) {
    const auto path = std::filesystem::temp_directory_path() / ("connector-" + std::to_string(::getpid()));
    asio::local::stream_protocol::acceptor acceptor(io);
    acceptor.open();
    acceptor.bind(path.string());
    acceptor.listen(0);
    const auto first = run(connect("unix:" + path.string()));
    BOOST_TEST(first.has_value());
    check_failed(connect("unix:" + path.string()), errc::connect_failed,
                 "has too many connections waiting to be accepted");
    std::filesystem::remove(path);
}

BOOST_AUTO_TEST_CASE(bytes_go_through_a_connection) {
    tcp::acceptor acceptor(io, loopback());
    const auto connected = run(connect(address_of(acceptor)));
    auto accepted = acceptor.accept();
    run([&] { return write_all(**connected, "hello"); });
    std::string got(5, '\0');
    asio::read(accepted, asio::buffer(got));
    BOOST_TEST(got == "hello");
}

BOOST_AUTO_TEST_CASE(nobody_listening_is_said_with_the_address) {
    std::string address;
    {
        tcp::acceptor acceptor(io, loopback());
        address = address_of(acceptor);
    }
    check_failed(connect(address), errc::connect_failed, "connection refused: nobody listens at " + address);
    const auto port = address.substr(address.rfind(':'));
    check_failed(connect("loopback.test" + port), errc::connect_failed,
                 "nobody listens at loopback.test" + port + ", at none of its 2 addresses");
    check_failed(connect("unix:/nowhere/at.all"), errc::connect_failed, "nobody listens at unix:/nowhere/at.all");
}

BOOST_AUTO_TEST_CASE(a_name_without_an_address_is_said_with_the_systems_reason) {
    // Too long for DNS, so that no query goes to the network.
    const auto name = std::string(80, 'a') + ".invalid";
    check_failed(connect(name + ":80"), errc::resolve_failed, "\"" + name + "\" has no address: ");
}

BOOST_AUTO_TEST_CASE(a_connect_that_takes_too_long_ends_with_the_timeout) {
    const deaf_listener deaf(io);
    auto connecting = connect(address_of(deaf.acceptor), 1500ms);
    run_until([&] { return clock.alarms() == 1; });
    clock.advance(1499ms);
    settle();
    BOOST_TEST(!connecting.done());
    clock.advance(1ms);
    check_failed(connecting, errc::connect_timeout,
                 "no connection to " + address_of(deaf.acceptor) + " within 1500 ms");
}

BOOST_AUTO_TEST_CASE(a_connect_can_be_cancelled) {
    const deaf_listener deaf(io);
    auto connecting = connect(address_of(deaf.acceptor));
    run_until([&] { return clock.alarms() == 1; });
    connecting.cancel();
    check_failed(connecting, errc::cancelled, "connecting to " + address_of(deaf.acceptor) + " was cancelled");
    BOOST_TEST(clock.alarms() == 0U);
}

BOOST_AUTO_TEST_CASE(a_lookup_that_hangs_does_not_outlast_the_timeout) {
    const hanging_lookups lookups;
    auto connecting = connect("hanging.test:80");
    settle();
    lookups.wait_for_one();
    clock.advance(5s);
    check_failed(connecting, errc::connect_timeout, "no connection to hanging.test:80 within 5000 ms");
    settle();
    BOOST_TEST(io.stopped());  // although the system still looks it up
}

BOOST_AUTO_TEST_CASE(a_lookup_that_hangs_can_be_cancelled) {
    const hanging_lookups lookups;
    auto connecting = connect("hanging.test:80");
    settle();
    lookups.wait_for_one();
    connecting.cancel();
    check_failed(connecting, errc::cancelled, "connecting to hanging.test:80 was cancelled");
    settle();
    BOOST_TEST(io.stopped());
}

BOOST_AUTO_TEST_CASE(a_lookup_that_takes_its_time_is_waited_for) {
    const hanging_lookups lookups;
    auto connecting = connect("hanging.test:80");
    settle();
    lookups.wait_for_one();
    lookups.release();
    check_failed(connecting, errc::resolve_failed, "\"hanging.test\" has no address");
}

BOOST_AUTO_TEST_CASE(connects_on_several_threads_meet_their_timeouts_and_cancellations) {
    const deaf_listener deaf(io);
    std::vector<spawned<connection_result>> all;
    for (int i = 0; i != 50; ++i) {
        const auto where = net::parse_address(address_of(deaf.acceptor)).value();
        // Not on a strand, as a user may await it.
        all.push_back(spawn_on(io.get_executor(), [this, where, i] {
            return net::connect_to(where, clock, std::chrono::milliseconds(1 + i % 5));
        }));
    }
    std::jthread time([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) clock.advance(1ms);
    });
    run_on_threads(2);
    for (auto& one : all) {
        BOOST_TEST_REQUIRE(one.done());
        BOOST_TEST((one.get().error().code == errc::connect_timeout));
    }
}

BOOST_AUTO_TEST_SUITE_END()
