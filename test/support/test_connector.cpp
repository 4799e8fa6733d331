#include "support/test_connector.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

namespace echosocket::test {
namespace {

struct detour {
    std::mutex mutex;
    std::optional<std::uint16_t> port;
    std::vector<std::string> addresses;
};

// Never destroyed: a thread may still connect.
detour& the_detour() {
    static auto* const instance = new detour;
    return *instance;
}

/// The system's own `connect`.
int connect_really(int socket, const sockaddr* to, socklen_t size) {
    static const auto system = reinterpret_cast<decltype(&::connect)>(::dlsym(RTLD_NEXT, "connect"));
    return system(socket, to, size);
}

bool is_of_this_machine(const in_addr& address) {
    const auto first = ::ntohl(address.s_addr) >> 24;
    return first == 127 || address.s_addr == INADDR_ANY;
}

bool is_of_this_machine(const in6_addr& address) {
    if (!IN6_IS_ADDR_V4MAPPED(&address)) return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address);
    in_addr mapped;
    std::memcpy(&mapped, &address.s6_addr[12], sizeof mapped);
    return is_of_this_machine(mapped);
}

/// Returns the port to go to in place of another machine, or 0 for none.
std::uint16_t note(int family, const void* address) {
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(family, address, text, sizeof text);
    auto& detour = the_detour();
    const std::lock_guard lock(detour.mutex);
    if (detour.port) detour.addresses.emplace_back(text);
    return detour.port.value_or(0);
}

int no_network() {
    errno = ENETUNREACH;
    return -1;
}

int connect_v4(int socket, const sockaddr_in& to) {
    const auto port = note(AF_INET, &to.sin_addr);
    sockaddr_in goal = to;
    if (!is_of_this_machine(to.sin_addr)) {
        if (port == 0) return no_network();
        goal.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        goal.sin_port = ::htons(port);
    }
    return connect_really(socket, reinterpret_cast<const sockaddr*>(&goal), sizeof goal);
}

int connect_v6(int socket, const sockaddr_in6& to) {
    note(AF_INET6, &to.sin6_addr);
    if (!is_of_this_machine(to.sin6_addr)) return no_network();
    return connect_really(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

}  // namespace

redirected_connects::redirected_connects(std::uint16_t port) {
    auto& detour = the_detour();
    const std::lock_guard lock(detour.mutex);
    detour.port = port;
}

redirected_connects::~redirected_connects() {
    auto& detour = the_detour();
    const std::lock_guard lock(detour.mutex);
    detour.port.reset();
    detour.addresses.clear();
}

std::vector<std::string> redirected_connects::addresses() {
    auto& detour = the_detour();
    const std::lock_guard lock(detour.mutex);
    return detour.addresses;
}

}  // namespace echosocket::test

// The program's own definition overrides the one of libc.
extern "C" int connect(int socket, const sockaddr* to, socklen_t size) {
    if (to->sa_family == AF_INET && size >= sizeof(sockaddr_in))
        return echosocket::test::connect_v4(socket, *reinterpret_cast<const sockaddr_in*>(to));
    if (to->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6))
        return echosocket::test::connect_v6(socket, *reinterpret_cast<const sockaddr_in6*>(to));
    return echosocket::test::connect_really(socket, to, size);
}
