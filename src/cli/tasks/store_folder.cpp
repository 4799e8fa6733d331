#include "cli/tasks/store_folder.hpp"

#include "cli/units.hpp"

#include <algorithm>
#include <string>
#include <system_error>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;

/// That many waits for the disk at a time.
constexpr std::size_t disk_threads = 4;
constexpr std::uint64_t block_size = 4096;
/// Between two counts, so that calls in vain do not keep the disk busy.
constexpr std::chrono::seconds count_interval{1};

std::uint64_t blocks_of(std::uint64_t bytes) noexcept {
    return std::max<std::uint64_t>(1, bytes / block_size + (bytes % block_size != 0 ? 1 : 0));
}

/// Of files that have their names.
std::uint64_t blocks_in(const fs::path& directory) {
    std::uint64_t blocks = 0;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        const bool counts =
            fs::is_regular_file(at->symlink_status(gone)) && !is_partial_name(at->path().filename().native());
        const auto bytes = counts ? at->file_size(gone) : 0;
        if (counts && !gone) blocks += blocks_of(bytes);
    }
    return blocks;
}

}  // namespace

store_folder::store_folder(fs::path directory)
    : directory_(std::move(directory)),
      abandoned_(remove_abandoned_files(directory_)),
      kept_(blocks_in(directory_)),
      threads_(disk_threads) {}

void store_folder::count_again() {
    const auto now = steady::now();
    if (counted_again_ && now - *counted_again_ < count_interval) return;
    kept_ = blocks_in(directory_);
    counted_again_ = now;
}

result<void> store_folder::claim(std::uint64_t blocks, const folder_quota& quota) {
    const std::lock_guard lock(mutex_);
    const auto most = quota.bytes / block_size;
    const auto fit = [&] { return kept_ + claimed_ + blocks <= most; };
    if (!fit()) count_again();
    if (!fit())
        return failure(errc::overloaded, "there is no more room: the files here may take " + format_size(quota.bytes) +
                                             " together; `" + std::string(quota.option) + "` sets that");
    claimed_ += blocks;
    return {};
}

void store_folder::give_back(std::uint64_t blocks) noexcept {
    const std::lock_guard lock(mutex_);
    claimed_ -= blocks;
}

// With the lock, so that no count finds the file before it is counted here, or after.
result<fs::path> store_folder::keep(partial_file& file, std::uint64_t blocks) {
    const std::lock_guard lock(mutex_);
    auto path = file.keep();
    if (!path) return path;
    claimed_ -= blocks;
    kept_ += blocks;
    return path;
}

result<incoming_file> incoming_file::create(store_folder& folder, const folder_quota& quota, std::string_view name) {
    auto claimed = folder.claim(1, quota);
    if (!claimed) return claimed.error();
    auto file = partial_file::create(folder.directory(), name);
    if (!file) {
        folder.give_back(1);
        return file.error();
    }
    incoming_file made(folder, quota, std::move(*file));
    made.claimed_ = 1;
    return made;
}

result<void> incoming_file::write(std::string_view bytes) {
    const auto needed = blocks_of(bytes_ + bytes.size());
    if (needed > claimed_) {
        auto claimed = folder_.claim(needed - claimed_, quota_);
        if (!claimed) return claimed;
        claimed_ = needed;
    }
    bytes_ += bytes.size();
    return file_.write(bytes);
}

result<fs::path> incoming_file::keep() {
    auto path = folder_.keep(file_, claimed_);
    if (path) claimed_ = 0;
    return path;
}

void incoming_file::discard() noexcept {
    file_.discard();
    folder_.give_back(std::exchange(claimed_, 0));
}

}  // namespace echosocket::cli
