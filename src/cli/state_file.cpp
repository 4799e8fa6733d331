#include "cli/state_file.hpp"

#include <cstdlib>
#include <string_view>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;

std::optional<fs::path> state_home() {
    // The XDG specification says to ignore relative paths.
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && std::string_view(state).starts_with('/')) return state;
    const char* home = std::getenv("HOME");
    if (home != nullptr && std::string_view(home).starts_with('/')) return fs::path(home) / ".local/state";
    return std::nullopt;
}

}  // namespace

std::optional<fs::path> history_file() {
    const auto home = state_home();
    if (!home) return std::nullopt;
    const auto directory = *home / "echosocket";
    std::error_code error;
    if (fs::create_directories(directory, error)) fs::permissions(directory, fs::perms::owner_all, error);
    if (!fs::is_directory(directory, error)) return std::nullopt;
    return directory / "history";
}

}  // namespace echosocket::cli
