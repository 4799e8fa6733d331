#include "io/listening_socket.hpp"

#include "io/resolve.hpp"

#include <boost/asio/error.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

namespace echosocket::net {
namespace {

failure cannot_listen(const address& where, int error) {
    const auto name = to_string(where);
    if (error == EADDRINUSE) return {errc::listen_failed, name + " is in use: another program listens there"};
    return {errc::listen_failed, "cannot listen at " + name + ": " + std::generic_category().message(error)};
}

result<stream_endpoint> endpoint_to_bind(const address& where) {
    auto found = resolve_blocking(where);
    if (!found) return failure(std::move(found.error()));
    const auto v4 = std::ranges::find_if(*found, [](const auto& one) { return one.protocol().family() == AF_INET; });
    return v4 != found->end() ? *v4 : found->front();
}

unique_descriptor new_socket(const stream_endpoint& endpoint) {
    const auto protocol = endpoint.protocol();
    unique_descriptor created(::socket(protocol.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!created) return created;
    const int on = 1;
    if (protocol.family() != AF_UNIX) (void)::setsockopt(created.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (protocol.family() == AF_INET6) (void)::setsockopt(created.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    set_tcp_options(created.get(), protocol.family());
    return created;
}

/// Returns true if this is the file of a Unix socket whose owner has gone without removing it.
bool is_stale(const address& where, const stream_endpoint& endpoint) {
    struct ::stat status {};
    if (::lstat(where.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    const auto probe = new_socket(endpoint);
    const auto size = static_cast<::socklen_t>(endpoint.size());
    return probe && ::connect(probe.get(), endpoint.data(), size) != 0 && errno == ECONNREFUSED;
}

int bind_and_listen(const unique_descriptor& socket, const stream_endpoint& endpoint) {
    const auto size = static_cast<::socklen_t>(endpoint.size());
    if (::bind(socket.get(), endpoint.data(), size) != 0) return errno;
    return ::listen(socket.get(), SOMAXCONN) == 0 ? 0 : errno;
}

address name_of(const unique_descriptor& socket, const address& wanted) {
    if (wanted.kind == address_kind::unix_socket) return wanted;
    stream_endpoint local;
    auto size = static_cast<::socklen_t>(local.capacity());
    if (::getsockname(socket.get(), local.data(), &size) != 0) return wanted;
    local.resize(size);
    return parse_address(to_string(local)).value_or(wanted);
}

}  // namespace

unique_descriptor::~unique_descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

unix_file::unix_file(std::string path) : path_(std::move(path)) {
    struct ::stat status {};
    if (::lstat(path_.c_str(), &status) != 0) path_.clear();
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

void unix_file::remove() noexcept {
    const auto path = std::exchange(path_, {});
    struct ::stat status {};
    if (path.empty() || ::lstat(path.c_str(), &status) != 0) return;
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path.c_str());
}

result<listening_socket> open_listening_socket(const address& where) {
    const auto endpoint = endpoint_to_bind(where);
    if (!endpoint) return endpoint.error();
    auto socket = new_socket(*endpoint);
    if (!socket) return cannot_listen(where, errno);
    auto error = bind_and_listen(socket, *endpoint);
    if (error == EADDRINUSE && where.kind == address_kind::unix_socket) {
        if (is_stale(where, *endpoint) && ::unlink(where.path.c_str()) == 0) {
            error = bind_and_listen(socket, *endpoint);
        } else if (struct ::stat status{}; ::lstat(where.path.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
            return failure(errc::listen_failed,
                           "cannot listen at " + to_string(where) + ": a file that is no socket is there");
        }
    }
    if (error != 0) return cannot_listen(where, error);
    auto local = name_of(socket, where);
    return listening_socket{std::move(socket), unix_file(where.path), std::move(local), endpoint->protocol().family()};
}

}  // namespace echosocket::net
