#include "cli/load/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace echosocket::load {

namespace {

result<endpoint> resolve_unix(std::string_view path) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof local.sun_path)
        return failure(errc::invalid_address, "the path of a Unix socket has 1 to 107 bytes");
    path.copy(local.sun_path, path.size());
    endpoint found;
    std::memcpy(&found.address, &local, sizeof local);
    found.size = sizeof local;
    return found;
}

result<endpoint> resolve_tcp(std::string_view host, std::string_view port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(std::string(host).c_str(), std::string(port).c_str(), &hints, &list);
    if (code != 0) return failure(errc::resolve_failed, std::string(host) + ": " + ::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, ::freeaddrinfo);
    endpoint found;
    std::memcpy(&found.address, list->ai_addr, list->ai_addrlen);
    found.size = list->ai_addrlen;
    return found;
}

bool is_loopback_v4(const endpoint& target) {
    sockaddr_in address{};
    if (target.address.ss_family != AF_INET) return false;
    std::memcpy(&address, &target.address, sizeof address);
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
}

void bind_source(int fd, std::uint32_t source) {
    constexpr std::uint32_t connections_per_address = 4096;
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7f000001U + (source / connections_per_address) % 250);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    // If this fails, the kernel chooses the address as usual.
    (void)::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
}

}  // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

result<endpoint> resolve(std::string_view address) {
    constexpr std::string_view unix_scheme = "unix:";
    if (address.starts_with(unix_scheme)) return resolve_unix(address.substr(unix_scheme.size()));
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size())
        return failure(errc::invalid_address, "an address is host:port, [v6]:port or unix:/path");
    auto host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return resolve_tcp(host, address.substr(colon + 1));
}

result<descriptor> connect_to(const endpoint& target, std::uint32_t source) {
    const int family = target.address.ss_family;
    descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return failure(errc::connect_failed, std::strerror(errno));
    if (family != AF_UNIX) {
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (source != 0 && is_loopback_v4(target)) bind_source(socket.get(), source);
    }
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.size) != 0)
        return failure(errc::connect_failed, std::strerror(errno));
    return socket;
}

void set_nonblocking(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
}

}  // namespace echosocket::load
