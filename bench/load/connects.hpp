// Connections as the load: many idle ones, and one after the other.
#pragma once

#include "cli/load/load.hpp"

#include <string>

namespace echosocket::bench {

/// Opens `wanted.connections`, makes one call on each, prints `ready`, and holds them until its input ends. Returns the
/// exit status.
int hold(const std::string& dialect, const load::options& wanted);

/// Connects, sends a HELLO if `hello` is true, calls once and closes, again and again.
result<load::report> connect_again_and_again(const load::options& wanted, bool hello);

}  // namespace echosocket::bench
