// Connections as the load: many that do nothing, and one after another.
#pragma once

#include "cli/load/load.hpp"

#include <string>

namespace echosocket::bench {

/// Opens `wanted.connections`, gets one answer on each, prints `ready`, and holds them until its input ends.
/// Returns the exit status.
int hold(const std::string& dialect, const load::options& wanted);

/// Connects, says HELLO where `hello` tells so, calls once and closes, one after another.
result<load::report> connect_again_and_again(const load::options& wanted, bool hello);

}  // namespace echosocket::bench
