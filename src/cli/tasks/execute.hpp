// The task `execute`: runs an allowed program and answers what it wrote.
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

/// Output above this many bytes is refused with `message_too_large`, and the program killed.
inline constexpr std::size_t most_output = 1024 * 1024;
/// Programs at once; further calls are answered `overloaded`.
inline constexpr int most_programs = 32;
/// Between SIGTERM and SIGKILL for a cancelled program; shorter than `server_config::cancel_timeout`.
inline constexpr std::chrono::milliseconds termination_grace{1'000};

/// What a command line says: a JSON array of words where it begins with `[`, else words as a shell would split them.
///
/// Errors: `bad_request`.
[[nodiscard]] result<std::vector<std::string>> parse_command_line(std::string_view line);

/// Runs the program that the command line names. The reply is its standard output and standard error together.
///
/// Errors: `bad_request` for a line that makes no sense, `not_allowed`, `overloaded`, `message_too_large`,
/// `task_failed` with the exit status and the end of the output where it failed.
/// Cancellation: ends the program, with SIGTERM and then SIGKILL, and all that it started.
/// Lifetime: the parameters outlive the returned awaitable.
[[nodiscard]] asio::awaitable<result<std::string>> execute(const program_list& allowed, slots& programs,
                                                           std::string_view line);

}  // namespace echosocket::cli
