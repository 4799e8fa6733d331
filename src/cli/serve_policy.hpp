// What the options of `serve` allow the demo tasks.
#pragma once

#include "cli/commands.hpp"
#include "cli/tasks/demo_tasks.hpp"

#include <echosocket/log.hpp>
#include <echosocket/result.hpp>

namespace echosocket::cli {

/// Opens the folders that the options name, which removes what a killed server has left unfinished there.
///
/// Errors: `invalid_config`; the detail names the option.
[[nodiscard]] result<demo_policy> policy_of(const serve_command& command, const log_sink& log);

}  // namespace echosocket::cli
