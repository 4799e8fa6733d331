// An open file descriptor, and why the system refused something.
#pragma once

#include <echosocket/result.hpp>

#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace echosocket::cli {

/// Owns a file descriptor; -1 is none.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor() { close(); }

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }
    [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

    /// Returns false if the system could not write what it had kept; `errno` says why.
    bool close() noexcept { return number_ < 0 || ::close(release()) == 0; }

private:
    int number_ = -1;
};

/// `task_failed` with the reason in `errno`.
[[nodiscard]] inline failure system_failure(std::string what) {
    return {errc::task_failed, std::move(what) + ": " + std::strerror(errno)};
}

}  // namespace echosocket::cli
