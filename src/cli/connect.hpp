// Connects a client to an address from the command line within a time limit.
#pragma once

#include "cli/commands.hpp"
#include "cli/time_budget.hpp"

#include <echosocket/client.hpp>

#include <functional>
#include <string>
#include <vector>

namespace echosocket::cli {

/// Connects within the rest of `budget`, including the HELLO.
///
/// Errors: those of `client::connect`.
[[nodiscard]] asio::awaitable<result<client>> connect_within(std::string address, const time_budget& budget);

/// The same with a config, whose name and timeouts are overwritten.
[[nodiscard]] asio::awaitable<result<client>> connect_within(std::string address, const time_budget& budget,
                                                             client_config config);

/// For `client_config::on_state`: calls `tell` with a sentence when the connection is lost and when it is back.
[[nodiscard]] std::function<void(client_state, const failure&)> tell_of_losses(
    std::string address, std::function<void(const std::string&)> tell);

/// A task in the reply of `$tasks`; every text is untrusted.
struct offered_task {
    std::string name;
    std::string arguments;
    std::string returns;
    std::string takes;  ///< The type of the items that it reads from its caller; empty if it reads none.
    std::string sends;
    std::string description;
};

/// Errors: those of a call; `bad_reply` if the reply is not a list of tasks.
[[nodiscard]] result<std::vector<offered_task>> read_tasks(std::string_view reply);
[[nodiscard]] asio::awaitable<result<std::vector<offered_task>>> fetch_tasks(client server,
                                                                             std::chrono::milliseconds timeout);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<offered_task>& tasks);

}  // namespace echosocket::cli
