// The process between the server and a program that it runs: it lives until all that the program started has ended.
#pragma once

#include <string_view>

namespace echosocket::cli {

/// As the command's first argument: be a supervisor. The program's path follows, then its words.
inline constexpr std::string_view supervise_word = "$supervise";

/// The supervisor's end of its line to the server, a socket. It reads `ask_to_end`, and the line's end as the order to
/// kill: so the program ends whenever the server does, in whatever way. It writes one `supervised_end`.
inline constexpr int supervisor_line = 3;

/// Tells the program and its process group SIGTERM.
inline constexpr char ask_to_end = 'T';

/// How a program ended; the last word of its supervisor.
struct supervised_end {
    bool started;
    int value;  ///< The status of `waitpid`; the system's error if the program could not be started.
};

/// Runs the program in a process group of its own, with a clean environment: `PATH`, `HOME` and `LANG`. When it has
/// ended, kills all that it left, whatever process group or session that is in.
[[nodiscard]] int supervise(const char* path, char** words);

}  // namespace echosocket::cli
