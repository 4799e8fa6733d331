// A folder in which a server keeps what clients send it: bounded, and served by threads of its own.
#pragma once

#include "cli/tasks/partial_file.hpp"

#include <echosocket/result.hpp>

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Bytes of all files in a folder together.
struct folder_quota {
    std::uint64_t bytes = 0;
    std::string_view option;  ///< The option that sets it.
};

/// Counts the bytes of the ordinary files in a folder, not of folders in it, in blocks of 4 KiB: an empty file is not
/// for nothing. When there seems to be no more room it counts anew, since files may have been removed meanwhile.
///
/// Thread safety: all members may be called from any thread. All that waits for the disk belongs on `threads()`.
class store_folder {
public:
    /// Removes the unfinished files that a killed program has left there, and counts the others.
    explicit store_folder(std::filesystem::path directory);

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    /// Unfinished files that were removed.
    [[nodiscard]] std::size_t abandoned() const noexcept { return abandoned_; }
    [[nodiscard]] asio::thread_pool& threads() noexcept { return threads_; }

    /// Claims blocks for a file that is being written.
    ///
    /// Errors: `overloaded` if the quota has no room for them.
    [[nodiscard]] result<void> claim(std::uint64_t blocks, const folder_quota& quota);
    void give_back(std::uint64_t blocks) noexcept;
    /// Gives a file that has claimed `blocks` its name; these are then counted with the folder.
    [[nodiscard]] result<std::filesystem::path> keep(partial_file& file, std::uint64_t blocks);

private:
    using steady = std::chrono::steady_clock;

    void count_again();

    const std::filesystem::path directory_;
    const std::size_t abandoned_;
    std::mutex mutex_;
    std::uint64_t kept_ = 0;     // blocks of the files that have their names
    std::uint64_t claimed_ = 0;  // blocks of those being written
    std::optional<steady::time_point> counted_again_;
    asio::thread_pool threads_;
};

/// A file on its way into a folder.
///
/// Thread safety: none; its members wait for the disk.
/// Lifetime: the folder must outlive it.
class incoming_file {
public:
    /// Errors: those of `store_folder::claim` and `partial_file::create`.
    [[nodiscard]] static result<incoming_file> create(store_folder& folder, const folder_quota& quota,
                                                      std::string_view name);
    incoming_file(incoming_file&& other) noexcept
        : folder_(other.folder_),
          quota_(other.quota_),
          file_(std::move(other.file_)),
          bytes_(other.bytes_),
          claimed_(std::exchange(other.claimed_, 0)) {}
    incoming_file& operator=(incoming_file&&) = delete;
    ~incoming_file() { discard(); }

    /// Errors: those of `store_folder::claim` and `partial_file::write`.
    [[nodiscard]] result<void> write(std::string_view bytes);
    /// Errors: those of `partial_file::keep`.
    [[nodiscard]] result<std::filesystem::path> keep();
    /// Removes the file, unless it was kept.
    void discard() noexcept;

private:
    incoming_file(store_folder& folder, const folder_quota& quota, partial_file file)
        : folder_(folder), quota_(quota), file_(std::move(file)) {}

    store_folder& folder_;
    folder_quota quota_;
    partial_file file_;
    std::uint64_t bytes_ = 0;
    std::uint64_t claimed_ = 0;
};

}  // namespace echosocket::cli
