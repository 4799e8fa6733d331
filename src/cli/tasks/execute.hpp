// The task `execute`: runs an allowed program and answers with its output.
#pragma once

#include "cli/tasks/programs.hpp"
#include "cli/tasks/slots.hpp"

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Bytes of output; if there is more, the program is killed and the call answered `message_too_large`.
inline constexpr std::size_t most_output = 1024 * 1024;
/// Programs that may run at once; further calls are answered `overloaded`.
inline constexpr int most_programs = 32;
/// ms between SIGTERM and SIGKILL for a cancelled program; shorter than `server_config::cancel_timeout`.
inline constexpr std::chrono::milliseconds termination_grace{1'000};

/// Parses a command line: a JSON array of words if it begins with `[`, otherwise words split as a shell would.
///
/// Errors: `bad_request`.
[[nodiscard]] result<std::vector<std::string>> parse_command_line(std::string_view line);

/// Runs the program that the command line names, with nothing in its environment but `PATH`, `HOME` and `LANG`. Returns
/// its standard output and standard error together. What the program leaves running is killed when it ends; everything
/// is killed when this process ends, in whatever way.
///
/// Errors: `bad_request` if the line is invalid, `not_allowed`, `overloaded`, `message_too_large`, `task_failed` with
/// the exit status and the end of the output if the program failed.
/// Cancellation: ends the program and its process group with SIGTERM, then whatever it started with SIGKILL.
/// Lifetime: the parameters must outlive the returned awaitable.
[[nodiscard]] asio::awaitable<result<std::string>> execute(const program_list& allowed, slots& programs,
                                                           std::string_view line);

}  // namespace echosocket::cli
