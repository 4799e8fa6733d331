#include "cli/tasks/programs.hpp"

#include <unistd.h>
#include <cstdlib>
#include <filesystem>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

std::optional<std::string> look_up(const std::string& name) {
    if (name.find('/') != std::string::npos)
        return is_program(name) ? std::optional(fs::absolute(name).string()) : std::nullopt;
    const char* variable = std::getenv("PATH");
    std::string_view directories = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
    while (!name.empty() && !directories.empty()) {
        const auto colon = directories.find(':');
        // To a shell, empty parts mean the working directory; a server should not run what happens to be there.
        const auto directory = directories.substr(0, colon);
        if (directory.starts_with('/') && is_program(fs::path(directory) / name))
            return (fs::path(directory) / name).string();
        directories.remove_prefix(colon == std::string_view::npos ? directories.size() : colon + 1);
    }
    return std::nullopt;
}

}  // namespace

result<program_list> program_list::find(const std::vector<std::string>& names) {
    program_list found;
    for (const auto& name : names) {
        const auto path = look_up(name);
        if (!path) return failure(errc::invalid_config, "no program '" + name + "' can be executed here");
        found.paths_[name] = *path;
    }
    return found;
}

result<std::string> program_list::path_of(std::string_view word) const {
    if (paths_.empty())
        return failure(errc::not_allowed,
                       "this server runs no programs; `echosocket serve --allow-execute PROGRAM` allows one");
    if (const auto named = paths_.find(word); named != paths_.end()) return named->second;
    std::string allowed;
    for (const auto& [name, path] : paths_) {
        if (path == word) return path;
        allowed += (allowed.empty() ? "" : ", ") + name;
    }
    return failure(errc::not_allowed, "'" + std::string(word) + "' is not allowed; allowed here: " + allowed);
}

}  // namespace echosocket::cli
