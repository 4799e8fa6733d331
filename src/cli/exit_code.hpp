// The command's exit codes, for scripts; the numbers never change.
#pragma once

namespace echosocket::cli {

enum class exit_code : int {
    ok = 0,
    task_failed = 1,  ///< The call was answered with an error, or could not be sent as asked.
    no_server = 2,  ///< Nothing to connect to, no EchoSocket there, or the connection was lost; `serve`: cannot listen.
    timed_out = 3,  ///< Connected, but no reply within `--timeout`; the task may have had effects.
    usage = 64,     ///< The command line is invalid.
    internal = 70,  ///< A bug of this program.
    output_failed = 74  ///< Standard output took no more, or standard input could not be read.
};

/// The exit code after a signal (for `serve`, the second one), as in shells: 130 for SIGINT, 143 for SIGTERM.
[[nodiscard]] constexpr int exit_by_signal(int signal) noexcept {
    return 128 + signal;
}

inline constexpr const char* exit_code_help =
    "Exit codes:\n"
    "  0   done\n"
    "  1   the task failed: the server answered with an error\n"
    "  2   no server there, or the connection was lost; serve: can't listen\n"
    "  3   connected, but no reply within --timeout\n"
    "  64  the command line does not make sense\n"
    "  70  a bug of this program\n"
    "  74  input could not be read, or output not written\n"
    "  130, 143  ended by SIGINT or SIGTERM; serve: by the second of them\n";

}  // namespace echosocket::cli
