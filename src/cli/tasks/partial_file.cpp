#include "cli/tasks/partial_file.hpp"

#include "cli/tasks/file_name.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <random>
#include <vector>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;

constexpr unsigned most_attempts = 1000;
constexpr std::string_view random_letters = "0123456789abcdefghijklmnopqrstuv";
constexpr std::size_t random_size = 8;
constexpr std::string_view partial_ending = ".echosocket.part";

std::string random_text() {
    std::random_device randomness;
    std::string text;
    for (std::size_t i = 0; i < random_size; ++i) text += random_letters[randomness() % random_letters.size()];
    return text;
}

enum class lock_outcome { locked, taken, removed };

/// Until the descriptor and its duplicates are closed, at the latest when the program ends. A file system without locks
/// counts as locked: there no file is taken for abandoned either.
lock_outcome lock_new(const descriptor& file) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return lock_outcome::taken;
    struct stat facts {};
    return ::fstat(file.get(), &facts) == 0 && facts.st_nlink == 0 ? lock_outcome::removed : lock_outcome::locked;
}

/// Removes it while it is locked, so that a program that has just made it sees that.
bool remove_if_abandoned(const fs::path& path) {
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    return file && ::fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == ::geteuid() &&
           ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 && ::unlink(path.c_str()) == 0;
}

}  // namespace

result<partial_file> partial_file::create(const fs::path& directory, std::string_view name) {
    partial_file file(directory, name);
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        // Cut, because the system allows at most 255 bytes in a name.
        const auto path = directory / ('.' + file.name_.substr(0, longest_file_name) + '.' + random_text() +
                                       std::string(partial_ending));
        file.file_ = descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!file.file_ && errno == EEXIST) continue;
        if (!file.file_) return system_failure("the directory takes no file");
        // A server that starts right now may have found the file before it was locked, and then removes it.
        if (lock_new(file.file_) != lock_outcome::locked) continue;
        file.path_ = path;
        return file;
    }
    return failure(errc::task_failed, "the directory takes no file");
}

void partial_file::discard() noexcept {
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
    file_.close();
}

result<void> partial_file::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_failure("the file could not be written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Closing tells whether all was written; what this returns keeps the lock until the file has its name.
result<descriptor> partial_file::finish_writing() {
    descriptor lock(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    if (!file_.close()) return system_failure("the file could not be written");
    return lock;
}

result<fs::path> partial_file::keep() {
    const auto lock = finish_writing();
    if (!lock) return lock.error();
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        auto path = directory_ / numbered_file_name(name_, attempt);
        // A link, because a rename would replace an existing file.
        if (::link(path_.c_str(), path.c_str()) == 0) {
            discard();
            return path;
        }
        if (errno != EEXIST) return system_failure("the file could not be named");
    }
    return failure(errc::task_failed, "there are too many files of the name " + name_ + " already");
}

result<fs::path> partial_file::replace() {
    const auto lock = finish_writing();
    if (!lock) return lock.error();
    auto path = directory_ / name_;
    if (::rename(path_.c_str(), path.c_str()) != 0) return system_failure("the file could not be named");
    path_.clear();
    return path;
}

bool is_partial_name(std::string_view name) noexcept {
    if (!name.starts_with('.') || !name.ends_with(partial_ending)) return false;
    name.remove_suffix(partial_ending.size());
    if (name.size() < 1 + 1 + random_size || name[name.size() - random_size - 1] != '.') return false;
    return name.substr(name.size() - random_size).find_first_not_of(random_letters) == std::string_view::npos;
}

std::size_t remove_abandoned_files(const fs::path& directory) {
    std::vector<fs::path> unfinished;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
        if (is_partial_name(at->path().filename().native())) unfinished.push_back(at->path());
    return static_cast<std::size_t>(std::ranges::count_if(unfinished, remove_if_abandoned));
}

}  // namespace echosocket::cli
