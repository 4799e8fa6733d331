// A file that gets its name only when it is complete.
#pragma once

#include "cli/tasks/descriptor.hpp"

#include <echosocket/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::cli {

/// Written under a hidden name of its own, `.NAME.RANDOM.echosocket.part`, and removed by the destructor unless it was
/// kept. It is locked as long as it is written, so that what a killed program has left can be told from it.
///
/// Thread safety: none.
class partial_file {
public:
    /// Errors: `task_failed` with the system's reason.
    [[nodiscard]] static result<partial_file> create(const std::filesystem::path& directory, std::string_view name);

    partial_file(partial_file&& other) noexcept
        : directory_(std::move(other.directory_)),
          name_(std::move(other.name_)),
          path_(std::exchange(other.path_, {})),
          file_(std::move(other.file_)) {}
    partial_file& operator=(partial_file&&) = delete;
    ~partial_file() { discard(); }

    /// Appends bytes.
    ///
    /// Errors: `task_failed`, for example if the disk is full.
    result<void> write(std::string_view bytes);

    /// Gives the file its name, or the first of `NAME-1`, `NAME-2`, ... that is free; never replaces another file.
    ///
    /// Errors: `task_failed`.
    result<std::filesystem::path> keep();
    /// Gives the file its name; replaces an existing file.
    ///
    /// Errors: `task_failed`.
    result<std::filesystem::path> replace();

    /// Removes the file, unless it was kept.
    void discard() noexcept;

private:
    partial_file(std::filesystem::path directory, std::string_view name)
        : directory_(std::move(directory)), name_(name) {}

    result<descriptor> finish_writing();

    std::filesystem::path directory_;
    std::string name_;
    std::filesystem::path path_;
    descriptor file_;
};

/// Returns true for the hidden name of a partial file.
[[nodiscard]] bool is_partial_name(std::string_view name) noexcept;

/// Removes this user's partial files in a directory that no running program writes. Returns how many there were.
std::size_t remove_abandoned_files(const std::filesystem::path& directory);

}  // namespace echosocket::cli
