// `echosocket chat`: a chat room on a terminal or on pipes.
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/line_editor.hpp"
#include "cli/output.hpp"
#include "cli/repl_loop.hpp"
#include "cli/report.hpp"
#include "cli/tasks/chat_message.hpp"
#include "cli/text.hpp"

#include <boost/system/system_error.hpp>

#include <unistd.h>
#include <csignal>
#include <memory>
#include <utility>

namespace echosocket::cli {

namespace {

constexpr std::chrono::milliseconds patience_at_the_end{2'000};

/// `Ada: hello`, or a star and what happened.
std::string line_of(const chat_message& message) {
    const auto name = one_line(message.name);
    switch (message.event) {
        case chat_event::joined:
            return "* " + name + " joined";
        case chat_event::left:
            return "* " + name + " left" + (message.text.empty() ? "" : " (" + one_line(message.text) + ")");
        case chat_event::said:
            break;
    }
    return name + ": " + one_line(message.text);
}

std::string list_of(const std::vector<std::string>& names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + one_line(name);
    return list;
}

class chat_session {
public:
    explicit chat_session(const chat_command& command) : command_(command) {
        const auto wait = [this] { return loop_.wait_for_input(); };
        if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) {
            auto editor = std::make_unique<line_editor>(wait, std::nullopt);
            editor_ = editor.get();
            editor_->complete_to({"/members", "/quit"});
            input_ = std::move(editor);
        } else {
            input_ = std::make_unique<piped_lines>(wait);
        }
    }

    exit_code run() {
        const auto begun = enter();
        while (begun == exit_code::ok && !quit_) take(input_->read("> "));
        leave();
        loop_.finish();
        return begun == exit_code::ok ? outcome_ : begun;
    }

private:
    exit_code enter() {
        const time_budget budget(command_.server.timeout);
        auto connected = attempt(connect_within(command_.server.address, budget, config()));
        if (!connected)
            return report_failure(command_.server, connected.error(),
                                  connect_sentence(command_.server, connected.error()));
        server_ = std::move(*connected);
        auto joined = attempt(join());
        if (joined) return exit_code::ok;
        return report_failure(command_.server, joined.error(),
                              call_sentence(command_.server, "chat_join", joined.error()));
    }

    client_config config() {
        client_config wanted;
        wanted.reconnect.enabled = true;
        wanted.handlers.on_notify(chat_topic, [this](const chat_message& message) {
            if (message.room == command_.room) show(line_of(message));
        });
        auto tell = tell_of_losses(command_.server.address, [this](const std::string& sentence) { note(sentence); });
        wanted.on_state = [this, tell = std::move(tell)](client_state state, const failure& why) mutable {
            tell(state, why);
            if (state != client_state::connected) {
                joined_ = false;
            } else if (server_) {
                asio::co_spawn(loop_.io(), join(), [this](std::exception_ptr, const result<void>& again) {
                    if (!again) note("could not join again: " + again.error().message());
                });
            }
        };
        return wanted;
    }

    asio::awaitable<result<void>> join() {
        const client server = *server_;
        auto members = co_await server.call<std::vector<std::string>>("chat_join", command_.name, command_.room);
        if (!members) co_return members.error();
        joined_ = true;
        show("* you are in " + one_line(command_.room) + " at " + one_line(server.server_name()) + " with " +
             list_of(*members));
        co_return result<void>();
    }

    void leave() {
        if (!server_) return;
        if (joined_ && server_->connected())
            static_cast<void>(
                attempt(server_->call<void>(with_timeout(patience_at_the_end), "chat_leave", command_.room)));
        loop_.close(*server_);
    }

    void take(const input_line& line) {
        if (line.event != line_event::line) return void(quit_ = true);
        if (editor_ != nullptr) editor_->erase(line.text);
        const auto end = line.text.find_last_not_of(" \t\r");
        const auto text = line.text.substr(0, end == std::string::npos ? 0 : end + 1);
        if (text == "/quit") {
            quit_ = true;
        } else if (text == "/members") {
            show_members();
        } else if (text.starts_with('/')) {
            note("there is no '" + one_line(text) + "'; /members tells who is here, /quit leaves");
        } else if (!text.empty()) {
            say(text);
        }
    }

    void show_members() {
        auto members = attempt(server_->call<std::vector<std::string>>("chat_members", command_.room));
        if (!members) return note(call_sentence(command_.server, "chat_members", members.error()));
        show("* here are " + list_of(*members));
    }

    void say(const std::string& text) {
        auto said = joined_ ? result<void>() : attempt(join());
        if (said) said = attempt(server_->call<void>("chat_say", command_.room, text));
        if (said) return;
        if (was_interrupted(said.error())) return void(quit_ = true);
        note("not said: '" + one_line(text) + "': " + said.error().message());
        if (editor_ == nullptr) outcome_ = exit_code_of(said.error());
    }

    /// Runs one step; a signal makes it fail with `cancelled`.
    template <class T>
    result<T> attempt(asio::awaitable<result<T>> step) {
        try {
            return loop_.run(std::move(step));
        } catch (const boost::system::system_error&) {
            return failure(errc::cancelled);
        }
    }

    /// Shows an event of the room.
    void show(const std::string& line) {
        if (editor_ != nullptr) return editor_->announce(line);
        if (!print(line + '\n')) {
            outcome_ = exit_code::output_failed;
            quit_ = true;
        }
    }

    /// Shows an event of the connection.
    void note(const std::string& sentence) {
        if (editor_ != nullptr) return editor_->announce("! " + sentence);
        complain(sentence);
    }

    chat_command command_;
    repl_loop loop_{SIGINT, SIGTERM};
    std::unique_ptr<line_input> input_;
    line_editor* editor_ = nullptr;  // points to `input_` if that is one
    std::optional<client> server_;
    bool joined_ = false;
    bool quit_ = false;
    exit_code outcome_ = exit_code::ok;
};

}  // namespace

exit_code chat(const chat_command& command) {
    return chat_session(command).run();
}

}  // namespace echosocket::cli
