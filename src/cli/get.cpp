// `echosocket get`: fetches a file from a server's task `get`.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/tasks/partial_file.hpp"
#include "cli/transfer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace echosocket::cli {

namespace {

namespace fs = std::filesystem;

/// Destination of the file: a file that gets its name only when it is complete, or standard output.
class output_file {
public:
    virtual ~output_file() = default;
    /// Errors: `task_failed`.
    virtual result<void> write(std::string_view bytes) = 0;
    virtual result<void> finish() = 0;
};

class standard_output final : public output_file {
public:
    result<void> write(std::string_view bytes) override { return outcome(printer_.write(bytes)); }
    result<void> finish() override { return outcome(printer_.finish()); }

private:
    static result<void> outcome(bool written) {
        if (written) return {};
        return failure(errc::task_failed, "standard output takes no more");
    }

    body_printer printer_;
};

class named_file final : public output_file {
public:
    explicit named_file(partial_file file) : file_(std::move(file)) {}

    result<void> write(std::string_view bytes) override { return file_.write(bytes); }
    result<void> finish() override {
        auto path = file_.replace();
        if (!path) return path.error();
        return {};
    }

private:
    partial_file file_;
};

/// The path to write to: follows links; in a directory, the file keeps its name on the server.
result<fs::path> target_path(const get_command& command) {
    std::error_code error;
    const auto own_name = fs::path(command.name).filename();
    fs::path path = command.file.empty() ? own_name : fs::path(command.file);
    if (!command.file.empty() && fs::is_directory(path, error)) path /= own_name;
    path = fs::weakly_canonical(fs::absolute(path), error);
    if (error) return failure(errc::task_failed, "'" + path.string() + "' can't be written: " + error.message());
    if (fs::exists(path, error) && !fs::is_regular_file(path, error))
        return failure(errc::task_failed, "'" + path.string() + "' is no ordinary file; the FILE - is standard output");
    return path;
}

result<std::unique_ptr<output_file>> open_output(const get_command& command, fs::path& path) {
    if (command.file == "-") return std::make_unique<standard_output>();
    auto where = target_path(command);
    if (!where) return where.error();
    path = std::move(*where);
    auto file = partial_file::create(path.parent_path(), path.filename().string());
    if (!file) return failure(errc::task_failed, "'" + path.string() + "' can't be written: " + file.error().detail);
    return std::make_unique<named_file>(std::move(*file));
}

asio::awaitable<result<stored_file>> fetch(client server, std::string name, output_file& to, transfer& file) {
    if (file.bar->is_shown()) {
        auto size = co_await server.call<std::uint64_t>("file_size", name);
        if (size) file.bar->expect(*size);
    }
    const auto call = server.open<stored_file, void, file_piece>("get", name);
    const auto in = call.in();
    for (;;) {
        auto piece = co_await in.next();
        if (!piece) co_return piece.error();
        if (!*piece) break;
        auto written = to.write(as_text(**piece));
        if (!written) {
            file.local_failure = written.error().detail;
            co_return written.error();
        }
        file.moved(as_text(**piece));
    }
    auto reply = co_await call.reply();
    co_return reply;
}

exit_code keep(const get_command& command, output_file& to, const fs::path& path, const stored_file& file) {
    auto kept = to.finish();
    if (!kept) {
        complain(kept.error().detail);
        return exit_code::output_failed;
    }
    if (command.file == "-") return exit_code::ok;
    return report_transfer(command.server, file, "saved as '" + path.string() + "': " + facts_of(file));
}

}  // namespace

exit_code get(const get_command& command) {
    const auto own_name = fs::path(command.name).filename();
    if (command.file.empty() && (own_name.empty() || own_name == "." || own_name == "..")) {
        complain("'" + command.name + "' is no name for a file here; give a FILE");
        return exit_code::usage;
    }
    if (command.file == "-" && command.server.json) {
        complain("--json and the FILE - exclude each other: both are for standard output");
        return exit_code::usage;
    }
    fs::path path;
    auto to = open_output(command, path);
    if (!to) {
        complain(to.error().detail);
        return exit_code::output_failed;
    }
    transfer file(command.name);
    return run_transfer(
        command.server, "get", file, [&](client server) { return fetch(std::move(server), command.name, **to, file); },
        [&](const stored_file& got) { return keep(command, **to, path, got); });
}

}  // namespace echosocket::cli
