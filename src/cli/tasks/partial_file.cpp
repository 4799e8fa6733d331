#include "cli/tasks/partial_file.hpp"

#include "cli/tasks/file_name.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <random>

namespace echosocket::cli {

namespace {

constexpr unsigned most_attempts = 1000;

failure system_failure(const char* what) {
    return {errc::task_failed, std::string(what) + ": " + std::strerror(errno)};
}

std::string random_suffix() {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuv";
    std::random_device randomness;
    std::string suffix;
    for (int i = 0; i < 8; ++i) suffix += letters[randomness() % letters.size()];
    return suffix;
}

}  // namespace

result<partial_file> partial_file::create(const std::filesystem::path& directory, std::string_view name) {
    partial_file file(directory, name);
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        // Cut, because the system allows at most 255 bytes in a name.
        const auto path = directory / ("." + file.name_.substr(0, longest_file_name) + "." + random_suffix() + ".part");
        file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (file.descriptor_ >= 0) {
            file.path_ = path;
            return file;
        }
        if (errno != EEXIST) break;
    }
    return system_failure("the directory takes no file");
}

partial_file::~partial_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
}

result<void> partial_file::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_failure("the file could not be written");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

result<std::filesystem::path> partial_file::keep() {
    if (::close(std::exchange(descriptor_, -1)) != 0) return system_failure("the file could not be written");
    for (unsigned attempt = 0; attempt < most_attempts; ++attempt) {
        auto path = directory_ / numbered_file_name(name_, attempt);
        // A link, because a rename would replace an existing file; the destructor then removes the hidden name.
        if (::link(path_.c_str(), path.c_str()) == 0) return path;
        if (errno != EEXIST) return system_failure("the file could not be named");
    }
    return failure(errc::task_failed, "there are too many files of the name " + name_ + " already");
}

result<std::filesystem::path> partial_file::replace() {
    if (::close(std::exchange(descriptor_, -1)) != 0) return system_failure("the file could not be written");
    auto path = directory_ / name_;
    if (::rename(path_.c_str(), path.c_str()) != 0) return system_failure("the file could not be named");
    path_.clear();
    return path;
}

}  // namespace echosocket::cli
