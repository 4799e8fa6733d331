// The tasks that `echosocket serve` offers.
#pragma once

#include "cli/tasks/download.hpp"
#include "cli/tasks/file_store.hpp"
#include "cli/tasks/programs.hpp"

#include <echosocket/server.hpp>

namespace echosocket::cli {

/// Permissions of the tasks that touch the machine; by default they may do nothing.
struct demo_policy {
    program_list programs;
    download_policy downloads;
    file_policy files;
};

void add_demo_tasks(server& to, demo_policy policy);

/// Relays clients' notifications to all subscribers of the topic, including the sender if it has subscribed.
void add_relay(server& to);

/// Answers `<server name> received: <data>` for every task that is not registered.
void add_fallback(server& to);

}  // namespace echosocket::cli
