// Blocking connects for the load generator, and the descriptor that owns what they open.
#pragma once

#include <echosocket/result.hpp>

#include <sys/socket.h>
#include <cstdint>
#include <string_view>
#include <utility>

namespace echosocket::load {

/// An owned file descriptor.
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

/// Where to connect to, resolved.
struct endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

/// Errors: `invalid_address`, `resolve_failed`.
[[nodiscard]] result<endpoint> resolve(std::string_view address);

/// A blocking connect without delay of small segments. `source`, counted up by the caller, takes another loopback
/// address every few thousand connections, since each has ports for some 28,000 only.
///
/// Errors: `connect_failed`.
[[nodiscard]] result<descriptor> connect_to(const endpoint& target, std::uint32_t source = 0);

void set_nonblocking(int fd);

}  // namespace echosocket::load
