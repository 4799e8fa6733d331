// A network of the test's own, whose lines it can cut.
#pragma once

#include <string>

namespace echosocket::test {

/// Moves this thread, and what it starts from now on, into a network of its own, which has nothing but loopback.
/// Returns why this machine does not allow that; empty if it does. A program that is not root has to have one thread.
[[nodiscard]] std::string enter_network_namespace();

/// Gives this network an IPv4 address, for peers that are about to be cut off. Throws `std::runtime_error`.
void add_address(const std::string& ip);
/// What is sent to and from that address vanishes from now on, and nobody is told. Throws `std::runtime_error`.
void cut_off(const std::string& ip);

}  // namespace echosocket::test
