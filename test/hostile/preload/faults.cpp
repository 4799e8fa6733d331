// Preloaded into a server: lets its socket calls fail by a seed, as a system may.
#include "faults.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

namespace {

using echosocket::faults::kind;
using echosocket::faults::shared;

shared* map_plan() noexcept {
    const char* path = std::getenv(echosocket::faults::variable);
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return nullptr;
    void* mapped = ::mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return mapped == MAP_FAILED ? nullptr : static_cast<shared*>(mapped);
}

shared* const plan = map_plan();
std::atomic<std::uint64_t> calls{0};

/// The next number of the seed's sequence (splitmix64).
std::uint64_t draw() noexcept {
    auto z = plan->seed + 0x9e3779b97f4a7c15U * (calls.fetch_add(1, std::memory_order_relaxed) + 1);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

bool is_tcp(int socket) noexcept {
    int domain = 0;
    socklen_t size = sizeof(domain);
    return ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain != AF_UNIX;
}

void count(kind what) noexcept {
    plan->injected[static_cast<std::size_t>(what)].fetch_add(1, std::memory_order_relaxed);
}

ssize_t fail(kind what, int error) noexcept {
    count(what);
    errno = error;
    return -1;
}

struct faults_of_call {
    kind shortened;
    kind hard;
    int hard_error;
    std::uint32_t hard_one_in;
};

faults_of_call of_transfer(kind shortened, kind hard, int error) noexcept {
    return {shortened, hard, error, plan == nullptr ? 0 : plan->hard_one_in};
}

/// Fails instead of the call, or shortens `size`, or does nothing.
std::optional<ssize_t> instead(int socket, const faults_of_call& known, std::size_t* size) noexcept {
    if (plan == nullptr) return std::nullopt;
    const auto drawn = draw();
    if (known.hard_one_in != 0 && drawn % known.hard_one_in == 0 && is_tcp(socket))
        return fail(known.hard, known.hard_error);
    if (plan->soft_one_in == 0 || (drawn >> 32U) % plan->soft_one_in != 0) return std::nullopt;
    switch (draw() % 3) {
        case 0:
            return fail(kind::interrupted, EINTR);
        case 1:
            return fail(kind::would_block, EAGAIN);
        default:
            if (size == nullptr || *size < 2) return std::nullopt;
            *size = 1 + draw() % std::min<std::size_t>(*size - 1, 64);
            count(known.shortened);
            return std::nullopt;
    }
}

template <class Function>
Function* real(Function*, const char* name) noexcept {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// The system's functions, as its headers declare them.

extern "C" ssize_t recv(int socket, void* into, std::size_t size, int flags) {
    static auto* const original = real(&::recv, "recv");
    if (const auto done = instead(socket, of_transfer(kind::short_read, kind::connection_reset, ECONNRESET), &size))
        return *done;
    return original(socket, into, size, flags);
}

extern "C" ssize_t send(int socket, const void* from, std::size_t size, int flags) {
    static auto* const original = real(&::send, "send");
    if (const auto done = instead(socket, of_transfer(kind::short_write, kind::connection_reset, ECONNRESET), &size))
        return *done;
    return original(socket, from, size, flags);
}

extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
    static auto* const original = real(&::sendmsg, "sendmsg");
    std::size_t first = message->msg_iovlen == 0 ? 0 : message->msg_iov[0].iov_len;
    const auto whole = first;
    if (const auto done = instead(socket, of_transfer(kind::short_write, kind::no_buffers, ENOBUFS), &first))
        return *done;
    if (first == whole) return original(socket, message, flags);
    iovec part{message->msg_iov[0].iov_base, first};
    msghdr less = *message;
    less.msg_iov = &part;
    less.msg_iovlen = 1;
    return original(socket, &less, flags);
}

extern "C" int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
    static auto* const original = real(&::accept4, "accept4");
    const auto one_in = plan == nullptr ? 0 : plan->hard_accept_one_in;
    const bool no_buffers = plan != nullptr && draw() % 2 == 0;
    const faults_of_call known{kind::short_read, no_buffers ? kind::no_buffers : kind::no_descriptors,
                               no_buffers ? ENOBUFS : EMFILE, one_in};
    if (const auto done = instead(socket, known, nullptr)) return static_cast<int>(*done);
    return original(socket, address, size, flags);
}
