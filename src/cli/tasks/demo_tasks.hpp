// The tasks that `echosocket serve` offers.
#pragma once

#include "cli/tasks/download.hpp"
#include "cli/tasks/file_store.hpp"
#include "cli/tasks/programs.hpp"

#include <echosocket/result.hpp>
#include <echosocket/server.hpp>

#include <string_view>

namespace echosocket::cli {

/// Permissions of the tasks that touch the machine; by default they may do nothing.
struct demo_policy {
    program_list programs;
    download_policy downloads;
    file_policy files;
};

void add_demo_tasks(server& to, demo_policy policy);

/// Relays clients' notifications to all subscribers of the topic, including the sender if it has subscribed. Those to
/// chat rooms are dropped.
void add_relay(server& to);

/// Decides whether a client may subscribe to a topic: to any but those of chat rooms.
///
/// Errors: `not_allowed`.
[[nodiscard]] result<void> may_listen(std::string_view topic);

/// Answers `<server name> received: <data>` for every task that is not registered.
void add_fallback(server& to);

}  // namespace echosocket::cli
