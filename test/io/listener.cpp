#include "io/listener.hpp"

#include "support/io_fixture.hpp"
#include "support/no_descriptors_left.hpp"
#include "support/transport_io.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using asio::ip::tcp;

namespace {

using listener_result = result<std::unique_ptr<net::listener>>;

struct listener_fixture : io_fixture {
    std::unique_ptr<net::listener> open;
    std::optional<spawned<void>> loop;
    std::vector<std::unique_ptr<transport>> accepted;
    std::vector<std::chrono::milliseconds> pauses;

    listener_result try_open(const std::string& text) {
        return net::listener::open(io.get_executor(), net::parse_address(text).value(), clock);
    }

    void start(const std::string& text) {
        auto opened = try_open(text);
        BOOST_TEST_REQUIRE(opened.has_value(), text);
        open = std::move(*opened);
        loop = spawn([this] {
            return open->accept_loop([this](std::unique_ptr<transport> line) { accepted.push_back(std::move(line)); },
                                     [this](boost::system::error_code error, std::chrono::milliseconds pause) {
                                         BOOST_TEST((error == asio::error::no_descriptors));
                                         pauses.push_back(pause);
                                     });
        });
        settle();
    }

    void stop() {
        open->close();
        run(*loop);
    }

    tcp::socket connect() const {
        const auto where = net::parse_address(open->local_address()).value();
        tcp::socket socket(const_cast<asio::io_context&>(io));
        socket.connect({asio::ip::make_address(where.host), where.port});
        return socket;
    }

    void check_served(std::size_t connections) {
        run_until([&] { return accepted.size() == connections; });
        run([this]() -> asio::awaitable<void> {
            for (auto& line : accepted) co_await write_all(*line, "!");
        });
    }

    void check_failed(const std::string& text, errc code, std::string_view detail) {
        const auto opened = try_open(text);
        BOOST_TEST_REQUIRE(!opened.has_value(), text);
        BOOST_TEST((opened.error().code == code));
        BOOST_TEST(opened.error().detail.find(detail) != std::string::npos, opened.error().detail);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(listener, listener_fixture)

BOOST_AUTO_TEST_CASE(connections_are_handed_out_as_they_come) {
    for (const auto* text : {"127.0.0.1:0", "[::1]:0"}) {
        start(text);
        auto client = connect();
        check_served(1);
        char got = 0;
        BOOST_TEST(client.receive(asio::buffer(&got, 1)) == 1U);
        BOOST_TEST(got == '!');
        BOOST_TEST(accepted.front()->remote_address() ==
                   net::to_string(net::address{.host = client.local_endpoint().address().to_string(),
                                               .port = client.local_endpoint().port()}));
        accepted.clear();
        stop();
    }
}

BOOST_AUTO_TEST_CASE(port_zero_becomes_a_real_one) {
    start("127.0.0.1:0");
    BOOST_TEST(open->port() != 0);
    BOOST_TEST(open->local_address() == "127.0.0.1:" + std::to_string(open->port()));
    stop();
}

BOOST_AUTO_TEST_CASE(a_burst_larger_than_one_wakeup_takes_is_accepted_whole) {
    start("127.0.0.1:0");
    std::vector<tcp::socket> clients;
    for (int i = 0; i != 200; ++i) clients.push_back(connect());
    check_served(clients.size());
    stop();
}

BOOST_AUTO_TEST_CASE(the_same_port_can_be_listened_at_over_ipv4_and_ipv6) {
    start("[::]:0");
    const auto v4 = try_open("0.0.0.0:" + std::to_string(open->port()));
    BOOST_TEST(v4.has_value());
    stop();
}

BOOST_AUTO_TEST_CASE(a_name_is_listened_at_on_its_ipv4_address) {
    start("loopback.test:0");
    BOOST_TEST(open->local_address() == "127.0.0.1:" + std::to_string(open->port()));
    stop();
}

BOOST_AUTO_TEST_CASE(accepted_connections_have_the_options_of_the_listening_socket) {
    const auto socket = net::open_listening_socket(net::parse_address("127.0.0.1:0").value()).value();
    tcp::socket client(io);
    client.connect({asio::ip::make_address("127.0.0.1"), socket.local.port});
    pollfd ready{socket.descriptor.get(), POLLIN, 0};
    BOOST_TEST_REQUIRE(::poll(&ready, 1, 10'000) == 1);
    const net::unique_descriptor taken(::accept(socket.descriptor.get(), nullptr, nullptr));
    const auto option = [&](int level, int name) {
        int value = -1;
        socklen_t size = sizeof(value);
        ::getsockopt(taken.get(), level, name, &value, &size);
        return value;
    };
    BOOST_TEST(option(IPPROTO_TCP, TCP_NODELAY) == 1);
    BOOST_TEST(option(SOL_SOCKET, SO_KEEPALIVE) == 1);
    BOOST_TEST(option(IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    BOOST_TEST(option(IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
}

BOOST_AUTO_TEST_CASE(an_address_in_use_is_said_so) {
    start("127.0.0.1:0");
    check_failed(open->local_address(), errc::listen_failed,
                 open->local_address() + " is in use: another program listens there");
    stop();
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_listened_at_is_said_with_the_systems_reason) {
    check_failed("192.0.2.1:0", errc::listen_failed, "cannot listen at 192.0.2.1:0: ");
    check_failed("hanging.test:0", errc::resolve_failed, "\"hanging.test\" has no address");
}

BOOST_AUTO_TEST_CASE(a_port_can_be_listened_at_again_at_once) {
    start("127.0.0.1:0");
    const auto address = open->local_address();
    auto client = connect();
    check_served(1);
    stop();
    accepted.clear();  // this end closes first, and its address lingers in TIME_WAIT
    BOOST_TEST(try_open(address).has_value());
}

BOOST_AUTO_TEST_CASE(exhausted_descriptors_are_waited_out_ever_longer_and_reported) {
    start("127.0.0.1:0");
    auto client = connect();
    {
        const no_descriptors_left limit;
        run_until([&] { return pauses.size() == 1; });
        while (pauses.size() != 10) {
            const auto known = pauses.size();
            clock.advance(pauses.back() - 1ms);
            settle();
            BOOST_TEST(pauses.size() == known);
            clock.advance(1ms);
            run_until([&] { return pauses.size() != known; });
        }
    }
    const std::vector expected{10ms, 20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms, 1000ms, 1000ms};
    BOOST_TEST((pauses == expected));
    BOOST_TEST(accepted.empty());
    clock.advance(1s);
    check_served(1);

    auto another = connect();
    const no_descriptors_left limit;
    run_until([&] { return pauses.size() == 11; });
    BOOST_TEST((pauses.back() == 10ms));
    stop();
}

BOOST_AUTO_TEST_CASE(closing_ends_the_loop_wherever_it_is) {
    start("127.0.0.1:0");
    stop();

    start("127.0.0.1:0");
    auto client = connect();
    const no_descriptors_left limit;
    run_until([&] { return pauses.size() == 1; });
    stop();
}

BOOST_AUTO_TEST_CASE(closing_before_the_loop_or_from_inside_it_ends_it) {
    open = try_open("127.0.0.1:0").value();
    open->close();
    run([this] { return open->accept_loop([](auto) {}); });

    open = try_open("127.0.0.1:0").value();
    const auto first = connect();
    const auto second = connect();
    int taken = 0;
    run([&] {
        return open->accept_loop([&](auto) {
            ++taken;
            open->close();
        });
    });
    BOOST_TEST(taken == 1);
}

BOOST_AUTO_TEST_CASE(cancelling_ends_the_loop_wherever_it_is) {
    start("127.0.0.1:0");
    loop->cancel();
    run(*loop);

    start("127.0.0.1:0");
    auto client = connect();
    const no_descriptors_left limit;
    run_until([&] { return pauses.size() == 1; });
    loop->cancel();
    run(*loop);
}

BOOST_AUTO_TEST_SUITE_END()
