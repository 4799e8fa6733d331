// How a failure is told: a sentence, or JSON, and an exit code.
#pragma once

#include "cli/commands.hpp"

#include <echosocket/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::cli {

[[nodiscard]] exit_code exit_code_of(const failure& why) noexcept;

/// Why there is no connection.
[[nodiscard]] std::string connect_sentence(const target& server, const failure& why);
/// Why there is no reply.
[[nodiscard]] std::string call_sentence(const target& server, std::string_view task, const failure& why);
/// `no task 'revrse'; did you mean 'reverse'?`
[[nodiscard]] std::string unknown_task_sentence(const target& server, std::string_view task,
                                                const std::optional<std::string>& meant);

/// `{"ok":false,"error":{"code","detail","retryable","started"}}`
[[nodiscard]] boost::json::object failure_json(const failure& why);
/// On one line, without an end of line.
[[nodiscard]] std::string json_text(const boost::json::value& value);
/// Milliseconds with three decimals.
[[nodiscard]] double json_ms(std::chrono::nanoseconds length) noexcept;

/// Prints the JSON or the sentence, as the command line asked for; the exit code for it.
exit_code report_failure(const target& server, const failure& why, std::string_view sentence);

/// Prints a line of JSON.
[[nodiscard]] exit_code print_json(const boost::json::value& value);
/// `output_failed` where standard output takes no more.
[[nodiscard]] exit_code print_result(std::string_view bytes);

}  // namespace echosocket::cli
