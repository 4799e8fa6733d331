// The tasks that `echosocket serve` offers.
#pragma once

#include "cli/tasks/download.hpp"
#include "cli/tasks/file_store.hpp"
#include "cli/tasks/programs.hpp"

#include <echosocket/server.hpp>

namespace echosocket::cli {

/// What the tasks that touch the machine may do; nothing by default.
struct demo_policy {
    program_list programs;
    download_policy downloads;
    file_policy files;
};

void add_demo_tasks(server& to, demo_policy policy);

/// Hands what clients notify of a topic to all who listen to it, its sender too where it does.
void add_relay(server& to);

/// Answers `<server name> received: <data>` for every task that there is not.
void add_fallback(server& to);

}  // namespace echosocket::cli
