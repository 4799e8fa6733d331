// No test program connects to another machine: its own `connect` refuses all but this one, as if there were no network,
// or brings the test to itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace echosocket::test {

/// While this lives, connections to other machines go to a port of this one. One at a time.
class redirected_connects {
public:
    explicit redirected_connects(std::uint16_t port);
    redirected_connects(const redirected_connects&) = delete;
    redirected_connects& operator=(const redirected_connects&) = delete;
    ~redirected_connects();

    /// The IP addresses that were to be connected to, of this machine and of others, in order.
    [[nodiscard]] static std::vector<std::string> addresses();
};

}  // namespace echosocket::test
