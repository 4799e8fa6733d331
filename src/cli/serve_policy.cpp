#include "cli/serve_policy.hpp"

#include <unistd.h>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;
using folder_ptr = std::shared_ptr<store_folder>;

/// Returns null for an empty name, and `known` if that is the folder.
result<folder_ptr> open_folder(const std::string& name, const std::string& option, const log_sink& log,
                               const folder_ptr& known = {}) {
    if (name.empty()) return folder_ptr();
    std::error_code error;
    auto directory = fs::canonical(name, error);
    if (error || !fs::is_directory(directory, error) || ::access(directory.c_str(), W_OK | X_OK) != 0)
        return failure(errc::invalid_config, option + ": '" + name + "' is no directory that can be written to");
    if (known && known->directory() == directory) return known;
    auto folder = std::make_shared<store_folder>(std::move(directory));
    if (folder->abandoned() != 0)
        log(log_level::info, "removed from " + name + ": " + std::to_string(folder->abandoned()) +
                                 " unfinished files of a program that was killed");
    return folder;
}

}  // namespace

result<demo_policy> policy_of(const serve_command& command, const log_sink& log) {
    demo_policy policy;
    auto programs = program_list::find(command.programs);
    if (!programs) return programs.error();
    policy.programs = std::move(*programs);
    auto sources = address_rules::with(command.download_from);
    if (!sources) return failure(errc::invalid_config, "--download-from: " + sources.error().detail);
    auto downloads = open_folder(command.download_directory, "--download-dir", log);
    if (!downloads) return downloads.error();
    auto files = open_folder(command.files_directory, "--files", log, *downloads);
    if (!files) return files.error();
    policy.downloads.folder = std::move(*downloads);
    policy.downloads.limit = command.download_limit;
    policy.downloads.quota = {command.download_quota, "--download-quota"};
    policy.downloads.from = std::move(*sources);
    policy.files.folder = std::move(*files);
    policy.files.limit = command.files_limit;
    policy.files.quota = {command.files_quota, "--files-quota"};
    return policy;
}

}  // namespace echosocket::cli
