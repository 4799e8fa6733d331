// The command `echosocket`.
#pragma once

namespace echosocket::cli {

/// Reads the command line, runs what it asks for, and returns the process's exit code.
[[nodiscard]] int run_command(int argc, char** argv);

}  // namespace echosocket::cli
