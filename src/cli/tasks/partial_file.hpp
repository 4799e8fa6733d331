// A file that gets its name only when it is complete.
#pragma once

#include <echosocket/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::cli {

/// Written under a hidden name of its own, `.NAME.RANDOM.part`, and removed by the destructor unless it was kept.
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
          descriptor_(std::exchange(other.descriptor_, -1)) {}
    partial_file& operator=(partial_file&&) = delete;
    ~partial_file();

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

private:
    partial_file(std::filesystem::path directory, std::string_view name)
        : directory_(std::move(directory)), name_(name) {}

    std::filesystem::path directory_;
    std::string name_;
    std::filesystem::path path_;
    int descriptor_ = -1;
};

}  // namespace echosocket::cli
