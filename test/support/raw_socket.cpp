#include "support/raw_socket.hpp"

#include "io/address.hpp"
#include "io/resolve.hpp"
#include "io/socket_transport.hpp"
#include "support/io_fixture.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace echosocket::test {

namespace {

[[noreturn]] void give_up(const std::string& what) {
    throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

net::stream_endpoint endpoint_of(const std::string& address) {
    return net::literal_endpoint(net::parse_address(address).value()).value();
}

/// Until it holds, asked again whenever the socket has become readable or writable.
void wait_for(int descriptor, const std::function<bool()>& reached) {
    if (reached()) return;
    const net::unique_descriptor events(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    if (!events || ::epoll_ctl(events.get(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) give_up("epoll");
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!reached()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return;
        ::epoll_wait(events.get(), &wanted, 1, static_cast<int>(left.count()));
    }
}

}  // namespace

net::unique_descriptor connect_socket(const std::string& address, const std::string& source) {
    const auto target = endpoint_of(address);
    net::unique_descriptor made(::socket(target.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!made) give_up("socket");
    const linger reset{1, 0};
    ::setsockopt(made.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (!source.empty()) {
        const auto from = endpoint_of(source + ":0");
        if (::bind(made.get(), from.data(), static_cast<socklen_t>(from.size())) != 0) give_up("bind to " + source);
    }
    const auto size = static_cast<socklen_t>(target.size());
    while (::connect(made.get(), target.data(), size) != 0)
        if (errno != EINTR) give_up("connect to " + address);
    return made;
}

raw_peer connect_peer(asio::io_context& io, const std::string& address, const std::string& source) {
    auto connected = connect_socket(address, source);
    const int descriptor = connected.get();
    net::stream_socket socket(io.get_executor());
    socket.assign(endpoint_of(address).protocol(), descriptor);
    static_cast<void>(connected.release());
    socket.native_non_blocking(true);
    raw_peer::runner run;
    run.settle = [] {};
    run.until = [descriptor](const std::function<bool()>& reached) { wait_for(descriptor, reached); };
    return {std::make_unique<net::socket_transport>(std::move(socket)), std::move(run)};
}

}  // namespace echosocket::test
