// How a failure is reported: a sentence or JSON, and an exit code.
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

/// Returns true if this end gave up, for Ctrl-C or a signal. A task may answer `cancelled` too.
[[nodiscard]] bool was_interrupted(const failure& why) noexcept;
/// Returns true if the server has no such task. A task may answer `unknown_task` too.
[[nodiscard]] bool is_unknown_task(const failure& why) noexcept;

/// Says why there is no connection.
[[nodiscard]] std::string connect_sentence(const target& server, const failure& why);
/// Says why there is no reply.
[[nodiscard]] std::string call_sentence(const target& server, std::string_view task, const failure& why);
/// `no task 'revrse'; did you mean 'reverse'?`
[[nodiscard]] std::string unknown_task_sentence(const target& server, std::string_view task,
                                                const std::optional<std::string>& meant);

/// `{"ok":false,"error":{"code","detail","retryable","started","origin"}}`
[[nodiscard]] boost::json::object failure_json(const failure& why);
/// On one line, without a line ending, and safe for a terminal.
[[nodiscard]] std::string json_text(const boost::json::value& value);
/// Milliseconds with three decimals.
[[nodiscard]] double json_ms(std::chrono::nanoseconds length) noexcept;

/// Prints the JSON or the sentence, as the command line asked for; returns the exit code for the failure.
exit_code report_failure(const target& server, const failure& why, std::string_view sentence);

// Each returns `output_failed` if standard output cannot be written.
[[nodiscard]] exit_code print_json(const boost::json::value& value);
[[nodiscard]] exit_code print_result(std::string_view text);
/// With nothing added: see `body_printer`.
[[nodiscard]] exit_code print_body(std::string_view bytes);

}  // namespace echosocket::cli
