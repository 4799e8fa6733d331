#include "support/network_namespace.hpp"

#include "io/listening_socket.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace echosocket::test {

namespace {

// An address of its own has a name of its own, as in the days of ifconfig.
constexpr const char* loopback = "lo";
constexpr const char* alias = "lo:1";

std::string reason() {
    return std::generic_category().message(errno);
}

void control(unsigned long what, void* with) {
    const net::unique_descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket || ::ioctl(socket.get(), what, with) != 0) throw std::runtime_error("the network: " + reason());
}

ifreq request_for(const char* name) {
    ifreq request{};
    std::copy_n(name, std::strlen(name), request.ifr_name);
    return request;
}

void turn(const char* name, bool up) {
    auto request = request_for(name);
    control(SIOCGIFFLAGS, &request);
    const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    request.ifr_flags = static_cast<short>(flags);
    control(SIOCSIFFLAGS, &request);
}

sockaddr address_of(const std::string& ip) {
    sockaddr_in numeric{};
    numeric.sin_family = AF_INET;
    ::inet_pton(AF_INET, ip.c_str(), &numeric.sin_addr);
    sockaddr general{};
    static_assert(sizeof(general) == sizeof(numeric));
    std::memcpy(&general, &numeric, sizeof(general));
    return general;
}

/// Who is not root may be root of what is its own.
bool enter_user_namespace() {
    const auto user = ::getuid();
    const auto group = ::getgid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
    return true;
}

}  // namespace

std::string enter_network_namespace() {
    if (::unshare(CLONE_NEWNET) != 0 && !enter_user_namespace())
        return "this machine allows no network namespace: " + reason();
    try {
        turn(loopback, true);
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return {};
}

void add_address(const std::string& ip) {
    auto request = request_for(alias);
    request.ifr_addr = address_of(ip);
    control(SIOCSIFADDR, &request);
    request.ifr_addr = address_of("255.255.255.255");
    control(SIOCSIFNETMASK, &request);
}

void cut_off(const std::string& ip) {
    turn(alias, false);  // which takes its address away
    // What comes back over the loopback and is nobody's is dropped.
    rtentry nowhere{};
    nowhere.rt_dst = address_of(ip);
    nowhere.rt_genmask = address_of("255.255.255.255");
    nowhere.rt_flags = RTF_UP | RTF_HOST;
    std::string device = loopback;
    nowhere.rt_dev = device.data();
    control(SIOCADDRT, &nowhere);
}

}  // namespace echosocket::test
