// `echosocket send`: sends a file to a server's task `put`.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/standard_input.hpp"
#include "cli/tasks/send_split.hpp"
#include "cli/transfer.hpp"

#include <boost/asio/this_coro.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace echosocket::cli {

namespace {

/// The file to send, or standard input.
class input_file {
public:
    explicit input_file(const std::string& path)
        : name_(path == "-" ? "standard input" : "'" + path + "'"),
          descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat facts {};
        if (descriptor_ < 0 || ::fstat(descriptor_, &facts) != 0) {
            fail();
            return;
        }
        if (S_ISREG(facts.st_mode)) size_ = static_cast<std::uint64_t>(facts.st_size);
        if (S_ISDIR(facts.st_mode)) {
            errno = EISDIR;
            fail();
        }
    }
    input_file(const input_file&) = delete;
    input_file& operator=(const input_file&) = delete;
    ~input_file() {
        if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
    }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const std::optional<std::uint64_t>& size() const noexcept { return size_; }  ///< If it is known.
    [[nodiscard]] const std::optional<std::string>& error() const noexcept { return error_; }

    /// Returns an empty piece at the end, and if reading fails; then `error()` is set.
    [[nodiscard]] file_piece read() {
        file_piece piece(piece_size);
        ssize_t bytes = 0;
        do bytes = ::read(descriptor_, piece.data(), piece.size());
        while (bytes < 0 && errno == EINTR);
        if (bytes < 0) fail();
        piece.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
        return piece;
    }

private:
    void fail() { error_ = name_ + " can't be read: " + std::strerror(errno); }

    std::string name_;
    int descriptor_;
    std::optional<std::uint64_t> size_;
    std::optional<std::string> error_;
};

asio::awaitable<result<stored_file>> upload(client server, std::string name, input_file& from, transfer& file) {
    const auto executor = co_await asio::this_coro::executor;
    input_watch watch(executor, from.descriptor());
    const auto call = server.open<stored_file, file_piece, void>("put", name);
    const auto out = call.out();
    for (;;) {
        // Standard input may take any time.
        file.movement.excused = true;
        co_await watch.readable();
        file.movement.excused = false;
        auto piece = from.read();
        if (from.error()) {
            file.local_failure = from.error();
            (void)out.fail(failure(errc::cancelled, "the sender could not read its file"));
            break;
        }
        if (piece.empty()) break;
        const file_piece sent = piece;
        auto taken = co_await send_split(out, std::move(piece));
        if (!taken) break;  // the reply says why
        file.moved(as_text(sent));
    }
    auto reply = co_await call.reply();
    co_return reply;
}

exit_code report_sent(const send_command& command, const stored_file& file) {
    return report_transfer(command.server, file, "stored as '" + file.name + "': " + facts_of(file));
}

}  // namespace

exit_code send(const send_command& command) {
    if (command.file == "-" && command.name.empty()) {
        complain("what comes from standard input needs a NAME");
        return exit_code::usage;
    }
    input_file from(command.file);
    if (from.error()) {
        complain(*from.error());
        return exit_code::output_failed;
    }
    const auto name = command.name.empty() ? std::filesystem::path(command.file).filename().string() : command.name;
    transfer file(name);
    if (from.size()) file.bar->expect(*from.size());
    return run_transfer(
        command.server, "put", file, [&](client server) { return upload(std::move(server), name, from, file); },
        [&](const stored_file& sent) { return report_sent(command, sent); });
}

}  // namespace echosocket::cli
