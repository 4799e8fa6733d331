// Blocking connects for the load generator, and an owned descriptor.
#pragma once

#include <echosocket/result.hpp>

#include <sys/socket.h>
#include <cstdint>
#include <string_view>
#include <utility>

namespace echosocket::load {

class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

/// A resolved address.
struct endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

/// Errors: `invalid_address`, `resolve_failed`.
[[nodiscard]] result<endpoint> resolve(std::string_view address);

/// Connects, blocking, with TCP_NODELAY. `source`, which the caller counts up, selects another loopback address every
/// few thousand connections, because each address has only some 28,000 ports.
///
/// Errors: `connect_failed`.
[[nodiscard]] result<descriptor> connect_to(const endpoint& target, std::uint32_t source = 0);

void set_nonblocking(int fd);

}  // namespace echosocket::load
