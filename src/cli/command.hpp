// The command `echosocket`.
#pragma once

namespace echosocket::cli {

/// Parses the command line, runs the subcommand, and returns the process's exit code.
[[nodiscard]] int run_command(int argc, char** argv);

}  // namespace echosocket::cli
