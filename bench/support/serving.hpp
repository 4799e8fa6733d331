// Shared by the benchmark's servers: each listens on a free loopback port, prints `listening PORT`, and serves until it
// is killed.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace echosocket::bench {

inline void announce(std::uint16_t port) {
    std::printf("listening %u\n", port);
    std::fflush(stdout);
}

/// Listens on a free port and prints it.
inline int listen_and_announce() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, name, size) != 0 || ::listen(listener, 4096) != 0 || ::getsockname(listener, name, &size) != 0)
        throw std::runtime_error("can't listen");
    announce(ntohs(address.sin_port));
    return listener;
}

inline void send_without_delay(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace echosocket::bench
