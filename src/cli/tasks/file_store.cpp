#include "cli/tasks/file_store.hpp"

#include "cli/checksum.hpp"
#include "cli/stall.hpp"
#include "cli/tasks/file_name.hpp"
#include "cli/tasks/partial_file.hpp"
#include "cli/tasks/send_split.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <utility>

namespace echosocket::cli {

namespace {

failure no_directory() {
    return {errc::not_allowed, "this server keeps no files; `echosocket serve --files DIR` allows it"};
}

failure too_many() {
    return {errc::overloaded, "as many files as allowed are on their way already"};
}

failure too_large(const file_policy& policy) {
    return {errc::message_too_large,
            "the file is larger than " + format_size(policy.limit) + "; `--files-limit` sets that"};
}

failure system_failure(const std::string& what) {
    return {errc::task_failed, what + ": " + std::strerror(errno)};
}

std::string quoted(const std::string& name) {
    return "'" + one_line(name) + "'";
}

/// An ordinary file, opened for reading.
class readable_file {
public:
    static result<readable_file> open(const file_policy& policy, const std::string& name) {
        if (!policy.directory) return no_directory();
        if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos ||
            name.find('\0') != std::string::npos)
            return failure(errc::bad_request,
                           quoted(name) + " is refused: the name of a file in the directory itself is expected");
        readable_file file;
        // A link could lead out of the directory, and opening a named pipe would wait for its writer.
        file.descriptor_ = ::open((*policy.directory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (file.descriptor_ < 0 || ::fstat(file.descriptor_, &file.facts_) != 0 || !S_ISREG(file.facts_.st_mode))
            return failure(errc::bad_request, "there is no file " + quoted(name));
        return file;
    }
    readable_file(readable_file&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), facts_(other.facts_) {}
    readable_file& operator=(readable_file&&) = delete;
    ~readable_file() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(facts_.st_size); }

    /// Returns false if reading fails; an empty piece at the end.
    [[nodiscard]] bool read(file_piece& piece) const {
        piece.resize(piece_size);
        ssize_t bytes = 0;
        do bytes = ::read(descriptor_, piece.data(), piece.size());
        while (bytes < 0 && errno == EINTR);
        piece.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
        return bytes >= 0;
    }

private:
    readable_file() = default;

    int descriptor_ = -1;
    struct stat facts_ {};
};

asio::awaitable<result<stored_file>> save(const file_policy& policy, source<file_piece>& pieces, partial_file& file,
                                          movement& moved) {
    stored_file done;
    checksum sum;
    for (;;) {
        auto piece = co_await pieces.next();
        if (!piece) co_return piece.error();
        if (!*piece) break;
        ++moved.steps;
        const auto bytes = as_text(**piece);
        done.bytes += bytes.size();
        if (done.bytes > policy.limit) co_return too_large(policy);
        sum.add(bytes);
        auto written = file.write(bytes);
        if (!written) co_return written.error();
    }
    auto path = file.keep();
    if (!path) co_return path.error();
    done.name = path->filename().string();
    done.crc32 = sum.text();
    co_return done;
}

asio::awaitable<result<stored_file>> send_pieces(readable_file& file, sink<file_piece>& pieces, stored_file done,
                                                 movement& moved) {
    checksum sum;
    file_piece piece;
    for (;;) {
        if (!file.read(piece)) co_return system_failure("the file could not be read");
        if (piece.empty()) break;
        sum.add(as_text(piece));
        done.bytes += piece.size();
        auto sent = co_await send_split(pieces, std::move(piece));
        if (!sent) co_return sent.error();
        ++moved.steps;
    }
    done.crc32 = sum.text();
    co_return done;
}

}  // namespace

asio::awaitable<result<stored_file>> put_file(const file_policy& policy, slots& transfers, source<file_piece>& pieces,
                                              std::string name) {
    if (!policy.directory) co_return no_directory();
    const auto place = transfers.take();
    if (!place) co_return too_many();
    auto file = partial_file::create(*policy.directory, safe_file_name(name));
    if (!file) co_return file.error();
    movement moved;
    auto saved = co_await unless_stalled(save(policy, pieces, *file, moved), moved, transfer_stall);
    co_return saved;
}

asio::awaitable<result<stored_file>> get_file(const file_policy& policy, slots& transfers, sink<file_piece>& pieces,
                                              std::string name) {
    auto file = readable_file::open(policy, name);
    if (!file) co_return file.error();
    const auto place = transfers.take();
    if (!place) co_return too_many();
    movement moved;
    stored_file of;
    of.name = std::move(name);
    auto sent = co_await unless_stalled(send_pieces(*file, pieces, std::move(of), moved), moved, transfer_stall);
    co_return sent;
}

result<std::uint64_t> size_of_file(const file_policy& policy, const std::string& name) {
    auto file = readable_file::open(policy, name);
    if (!file) return file.error();
    return file->size();
}

}  // namespace echosocket::cli
