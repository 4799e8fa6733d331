// Files that keep the command's state between two runs.
#pragma once

#include <filesystem>
#include <optional>

namespace echosocket::cli {

/// `$XDG_STATE_HOME/echosocket/history`, or below `~/.local/state`; creates a missing directory, for this user only.
/// Empty if there is no home directory or the directory cannot be created.
[[nodiscard]] std::optional<std::filesystem::path> history_file();

}  // namespace echosocket::cli
