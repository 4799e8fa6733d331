// A file of a folder that clients may read.
#pragma once

#include "cli/tasks/descriptor.hpp"
#include "cli/tasks/stored_file.hpp"

#include <echosocket/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace echosocket::cli {

/// An ordinary file, opened for reading. Its members wait for the disk.
///
/// Thread safety: none.
class readable_file {
public:
    /// Opens a file of the directory itself.
    ///
    /// Errors: `bad_request` for names with a slash, names of hidden files, and if there is no such file.
    [[nodiscard]] static result<readable_file> open(const std::filesystem::path& directory, const std::string& name);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Reads the next piece; an empty one at the end.
    ///
    /// Errors: `task_failed`.
    [[nodiscard]] result<file_piece> read() const;

private:
    readable_file(descriptor file, std::uint64_t size) noexcept : file_(std::move(file)), size_(size) {}

    descriptor file_;
    std::uint64_t size_;
};

}  // namespace echosocket::cli
