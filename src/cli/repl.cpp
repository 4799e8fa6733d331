// `echosocket repl`: makes calls, line by line.
#include "cli/call_body.hpp"
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/line_editor.hpp"
#include "cli/nearest_name.hpp"
#include "cli/output.hpp"
#include "cli/repl_loop.hpp"
#include "cli/report.hpp"
#include "cli/state_file.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <boost/system/system_error.hpp>

#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

namespace echosocket::cli {

namespace {

constexpr std::string_view help_text =
    "TASK [DATA]  calls a task; DATA goes as it stands\n"
    "help         shows this, and the tasks of the server\n"
    "quit         ends, as Ctrl-D does; Ctrl-C cancels a running call\n";

/// A line's first word, and the text after the one space behind it.
std::pair<std::string, std::string> split_line(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const auto blank = std::min(line.find_first_of(" \t"), line.size());
    const auto rest = line.substr(std::min(blank + 1, line.size()));
    return {std::string(line.substr(0, blank)), std::string(rest)};
}

class repl_session {
public:
    explicit repl_session(const target& server) : target_(server) {
        const auto wait = [this] { return loop_.wait_for_input(); };
        if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) {
            auto editor = std::make_unique<line_editor>(wait, history_file());
            editor_ = editor.get();
            input_ = std::move(editor);
        } else {
            input_ = std::make_unique<piped_lines>(wait);
        }
    }

    exit_code run() {
        auto ended = connect();
        while (ended == exit_code::ok && !quit_) ended = serve_line(input_->read(prompt()));
        if (server_) loop_.close(*server_);
        loop_.finish();
        return ended == exit_code::ok ? last_failure_ : ended;
    }

private:
    [[nodiscard]] bool interactive() const noexcept { return editor_ != nullptr; }

    std::string prompt() const { return one_line(server_->server_name().substr(0, 40)) + "> "; }

    exit_code connect() {
        const time_budget budget(target_.timeout);
        auto connected = attempt(connect_within(target_.address, budget));
        if (!connected) {
            complain(connect_sentence(target_, connected.error()));
            return exit_code_of(connected.error());
        }
        server_ = std::move(*connected);
        watch_connection();
        auto tasks = attempt(fetch_tasks(*server_, budget.for_call()));
        if (tasks) tasks_ = std::move(*tasks);
        if (editor_ != nullptr) editor_->complete_to(names_for_completion());
        return exit_code::ok;
    }

    std::vector<std::string> names_for_completion() const {
        auto names = names_of(tasks_);
        names.insert(names.end(), {"help", "quit"});
        std::ranges::sort(names);
        return names;
    }

    void watch_connection() {
        asio::co_spawn(loop_.io(), server_->closed(), [this](std::exception_ptr, failure why) {
            if (why.code == errc::connection_closed && why.origin == failure_origin::this_end) return;
            input_->announce("the connection to " + target_.address + " was lost: " + why.message() +
                             "; the next call connects again");
        });
    }

    /// Runs one step; Ctrl-C makes it fail with `cancelled`.
    template <class T>
    result<T> attempt(asio::awaitable<result<T>> step) {
        try {
            return loop_.run(std::move(step));
        } catch (const boost::system::system_error&) {
            return failure(errc::cancelled);
        }
    }

    exit_code serve_line(const input_line& line) {
        if (line.event == line_event::end) quit_ = true;
        if (line.event == line_event::interrupted && !interactive()) return exit_code{exit_by_signal(SIGINT)};
        if (line.event != line_event::line) return exit_code::ok;
        const auto [task, data] = split_line(line.text);
        if (task == "quit") quit_ = true;
        if (task == "help") return show_help();
        if (task.empty() || task == "quit") return exit_code::ok;
        return call(task, data);
    }

    exit_code show_help() {
        std::vector<table_row> rows;
        for (const auto& task : tasks_)
            rows.push_back({one_line(task.name) + '(' + one_line(task.arguments) + ')', one_line(task.description)});
        return print_result(std::string(help_text) + '\n' + format_table(rows));
    }

    exit_code call(const std::string& task, const std::string& data) {
        if (!server_->connected()) {
            const auto connected = connect();
            if (connected != exit_code::ok) return interactive() ? exit_code::ok : connected;
            input_->announce("connected to " + target_.address + " again");
        }
        call_options options;
        options.timeout = target_.timeout;
        auto body = body_of(data);
        auto reply = attempt(server_->call_raw(task, std::move(body), std::move(options)));
        return reply ? show(reply->body) : show(task, reply.error());
    }

    static exit_code show(const std::string& reply) {
        return print_result(reply.ends_with('\n') ? reply : reply + '\n');
    }

    exit_code show(const std::string& task, const failure& why) {
        if (is_unknown_task(why)) {
            complain(unknown_task_sentence(target_, task, nearest_name(task, names_of(tasks_))));
        } else if (was_interrupted(why)) {
            complain("'" + task + "' was cancelled");
        } else {
            complain(call_sentence(target_, task, why));
        }
        if (!interactive()) last_failure_ = exit_code_of(why);
        return exit_code::ok;
    }

    target target_;
    repl_loop loop_;
    std::unique_ptr<line_input> input_;
    line_editor* editor_ = nullptr;  // points to `input_` if that is one
    std::optional<client> server_;
    std::vector<offered_task> tasks_;
    bool quit_ = false;
    exit_code last_failure_ = exit_code::ok;
};

}  // namespace

exit_code repl(const target& server) {
    return repl_session(server).run();
}

}  // namespace echosocket::cli
