// Where the command keeps what it remembers between two runs.
#pragma once

#include <filesystem>
#include <optional>

namespace echosocket::cli {

/// `$XDG_STATE_HOME/echosocket/history`, or below `~/.local/state`; its directory is made where it is missing, for this
/// user only. Nothing where there is no home, or the directory can't be made.
[[nodiscard]] std::optional<std::filesystem::path> history_file();

}  // namespace echosocket::cli
