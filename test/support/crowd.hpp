// Many connections that belong to a process of their own, which can be killed.
#pragma once

#include <sys/types.h>
#include <cstddef>
#include <string>

namespace echosocket::test {

/// A process that connects so many times to `host:port` or `unix:/path`, says the same on each connection, and then
/// holds them.
class crowd {
public:
    /// Returns when all are connected and have spoken; throws `std::runtime_error` if they can't.
    crowd(const std::string& address, std::size_t count, const std::string& words);
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    ~crowd();

    /// Kills the process.
    void vanish();

private:
    pid_t pid_ = -1;
};

}  // namespace echosocket::test
