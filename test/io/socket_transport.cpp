#include "io/socket_transport.hpp"

#include "support/io_fixture.hpp"
#include "support/transport_io.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct socket_fixture : io_fixture {
    std::unique_ptr<transport> near;
    std::unique_ptr<transport> far;

    void open_tcp(const char* host = "127.0.0.1") {
        tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address(host), 0));
        tcp::socket connecting(io);
        connecting.connect(acceptor.local_endpoint());
        near = std::make_unique<net::socket_transport>(std::move(connecting));
        far = std::make_unique<net::socket_transport>(acceptor.accept());
    }

    void open_unix() {
        asio::local::stream_protocol::socket first(io);
        asio::local::stream_protocol::socket second(io);
        asio::local::connect_pair(first, second);
        near = std::make_unique<net::socket_transport>(std::move(first));
        far = std::make_unique<net::socket_transport>(std::move(second));
    }

    spawned<error_code> wait_readable(transport& end) {
        return spawn([&end] { return end.wait_readable(); });
    }
    spawned<error_code> wait_writable(transport& end) {
        return spawn([&end] { return end.wait_writable(); });
    }

    static io_result write(transport& end, std::string_view bytes) {
        const std::array buffers{asio::const_buffer(bytes.data(), bytes.size())};
        return end.write_some(buffers);
    }

    static io_result read(transport& end, std::string& bytes, std::size_t size = 64) {
        bytes.resize(size);
        const auto outcome = end.read_some(asio::buffer(bytes));
        bytes.resize(outcome.bytes);
        return outcome;
    }

    void exchange() {
        run([this]() -> asio::awaitable<void> {
            co_await write_all(*near, "there");
            auto got = co_await read_up_to(*far, 5);
            BOOST_TEST(got == "there");
            co_await write_all(*far, "back");
            got = co_await read_up_to(*near, 4);
            BOOST_TEST(got == "back");
        });
    }
};

int option(int descriptor, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    BOOST_TEST(::getsockopt(descriptor, level, name, &value, &size) == 0);
    return value;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(socket_transport, socket_fixture)

BOOST_AUTO_TEST_CASE(bytes_go_both_ways_over_tcp_and_unix_sockets) {
    open_tcp();
    exchange();
    open_tcp("::1");
    exchange();
    open_unix();
    exchange();
}

BOOST_AUTO_TEST_CASE(nothing_to_read_is_would_block_and_the_wait_ends_when_bytes_come) {
    open_tcp();
    std::string got;
    BOOST_TEST((read(*far, got).error == asio::error::would_block));
    auto waiting = wait_readable(*far);
    settle();
    BOOST_TEST(!waiting.done());
    write(*near, "x");
    BOOST_TEST(!run(waiting));
    BOOST_TEST(!read(*far, got).error);
    BOOST_TEST(got == "x");
}

BOOST_AUTO_TEST_CASE(a_full_socket_is_would_block_and_the_wait_ends_when_the_peer_reads) {
    open_unix();
    const std::string block(64 * 1024, 'x');
    while (!write(*near, block).error) {
    }
    BOOST_TEST((write(*near, block).error == asio::error::would_block));
    auto waiting = wait_writable(*near);
    settle();
    BOOST_TEST(!waiting.done());
    std::string got;
    while (!read(*far, got, 1024 * 1024).error) {
    }
    BOOST_TEST(!run(waiting));
    BOOST_TEST(!write(*near, "x").error);
}

BOOST_AUTO_TEST_CASE(many_buffers_are_gathered_in_order) {
    open_unix();
    std::vector<std::string> parts;
    std::vector<asio::const_buffer> buffers;
    std::string all;
    for (int i = 0; i != 100; ++i) parts.push_back(std::to_string(i) + ",");
    for (const auto& part : parts) buffers.push_back(asio::buffer(part)), all += part;
    const auto moved = near->write_some(buffers);
    BOOST_TEST(!moved.error);
    BOOST_TEST(moved.bytes > parts.size());
    std::string got;
    read(*far, got, 4096);
    BOOST_TEST(got == all.substr(0, moved.bytes));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_peers_output_is_eof_and_the_other_way_stays_open) {
    open_tcp();
    write(*near, "last");
    near->shutdown_send();
    const auto got = run([this] { return read_to_end(*far); });
    BOOST_TEST(got == "last");
    write(*far, "reply");
    const auto reply = run([this] { return read_up_to(*near, 5); });
    BOOST_TEST(reply == "reply");
}

BOOST_AUTO_TEST_CASE(writing_to_a_peer_that_has_gone_is_an_error_and_no_signal) {
    open_unix();
    far.reset();
    BOOST_TEST((write(*near, "x").error == asio::error::broken_pipe));
}

BOOST_AUTO_TEST_CASE(a_peer_that_resets_is_connection_reset) {
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    tcp::socket connecting(io);
    connecting.connect(acceptor.local_endpoint());
    auto accepted = acceptor.accept();
    near = std::make_unique<net::socket_transport>(std::move(connecting));
    accepted.set_option(asio::socket_base::linger(true, 0));
    accepted.close();
    BOOST_TEST(!run(wait_readable(*near)));
    std::string got;
    BOOST_TEST((read(*near, got).error == asio::error::connection_reset));
}

BOOST_AUTO_TEST_CASE(closing_ends_outstanding_waits_even_if_the_transport_goes) {
    open_tcp();
    auto reading = wait_readable(*near);
    settle();
    near->close();
    near.reset();
    BOOST_TEST((run(reading) == asio::error::operation_aborted));
}

BOOST_AUTO_TEST_CASE(a_closed_transport_refuses_everything) {
    open_tcp();
    near->close();
    near->close();
    near->shutdown_send();
    std::string got;
    BOOST_TEST((read(*near, got).error == asio::error::bad_descriptor));
    BOOST_TEST((write(*near, "x").error == asio::error::bad_descriptor));
    BOOST_TEST((run(wait_readable(*near)) == asio::error::bad_descriptor));
    BOOST_TEST(near->remote_address().empty());
}

BOOST_AUTO_TEST_CASE(a_wait_can_be_cancelled_and_the_connection_lives_on) {
    open_tcp();
    auto waiting = wait_readable(*near);
    settle();
    waiting.cancel();
    BOOST_TEST((run(waiting) == asio::error::operation_aborted));
    exchange();
}

BOOST_AUTO_TEST_CASE(the_other_ends_address_is_printable) {
    open_tcp();
    BOOST_TEST(near->remote_address().starts_with("127.0.0.1:"));
    BOOST_TEST(near->remote_address() != far->remote_address());
    open_tcp("::1");
    BOOST_TEST(near->remote_address().starts_with("[::1]:"));
    open_unix();
    BOOST_TEST(near->remote_address() == "unix:");
}

BOOST_AUTO_TEST_CASE(tcp_sockets_send_at_once_and_notice_a_dead_peer) {
    tcp::socket socket(io, tcp::v4());
    const auto descriptor = socket.native_handle();
    net::set_tcp_options(descriptor, AF_INET);
    BOOST_TEST(option(descriptor, IPPROTO_TCP, TCP_NODELAY) == 1);
    BOOST_TEST(option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1);
    BOOST_TEST(option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    BOOST_TEST(option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL) == 10);
    BOOST_TEST(option(descriptor, IPPROTO_TCP, TCP_KEEPCNT) == 3);
    BOOST_TEST(option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
}

BOOST_AUTO_TEST_SUITE_END()
