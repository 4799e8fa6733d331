// From an address on the command line to a connected client, within a time.
#pragma once

#include "cli/commands.hpp"
#include "cli/time_budget.hpp"

#include <echosocket/client.hpp>

#include <string>
#include <vector>

namespace echosocket::cli {

/// Connects within what is left of `budget`, the HELLO included.
///
/// Errors: those of `client::connect`.
[[nodiscard]] asio::awaitable<result<client>> connect_within(std::string address, const time_budget& budget);

/// A task as `$tasks` tells of it; every text is untrusted.
struct offered_task {
    std::string name;
    std::string arguments;
    std::string returns;
    std::string description;
};

/// Errors: those of a call; `bad_reply` for what is no list of tasks.
[[nodiscard]] result<std::vector<offered_task>> read_tasks(std::string_view reply);
[[nodiscard]] asio::awaitable<result<std::vector<offered_task>>> fetch_tasks(client server,
                                                                             std::chrono::milliseconds timeout);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<offered_task>& tasks);

}  // namespace echosocket::cli
