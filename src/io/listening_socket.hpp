// A bound and listening socket, and the file that a Unix socket leaves behind.
#pragma once

#include "io/address.hpp"
#include "io/socket_transport.hpp"

#include <echosocket/result.hpp>

#include <sys/types.h>

#include <string>
#include <utility>

namespace echosocket::net {

/// Owns a file descriptor and closes it.
class unique_descriptor {
public:
    unique_descriptor() = default;
    explicit unique_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    unique_descriptor(unique_descriptor&& other) noexcept : descriptor_(other.release()) {}
    unique_descriptor& operator=(unique_descriptor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~unique_descriptor();

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
    explicit operator bool() const noexcept { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

/// Owns the file of a Unix socket and removes it, unless another file has replaced it.
class unix_file {
public:
    unix_file() = default;
    explicit unix_file(std::string path);
    unix_file(unix_file&& other) noexcept
        : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
    unix_file& operator=(unix_file&& other) noexcept = delete;
    ~unix_file() { remove(); }

    void remove() noexcept;

private:
    std::string path_;
    ::dev_t device_ = 0;
    ::ino_t inode_ = 0;
};

struct listening_socket {
    unique_descriptor descriptor;
    unix_file file;
    address local;  ///< Numeric, with the real port.
    int family = 0;
};

/// Opens a non-blocking listening socket; accepted connections inherit the options of `set_tcp_options`.
///
/// Errors: `listen_failed`, `resolve_failed`; the detail names the address and the system's reason.
[[nodiscard]] result<listening_socket> open_listening_socket(const address& where);

}  // namespace echosocket::net
