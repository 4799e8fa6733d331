#include "cli/command.hpp"

#include "cli/command_options.hpp"
#include "cli/commands.hpp"
#include "cli/nearest_name.hpp"
#include "cli/output.hpp"
#include "cli/units.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cctype>
#include <exception>
#include <functional>
#include <utility>

namespace echosocket::cli {

namespace {

/// One frame is the most that the load generator sends.
std::optional<std::uint64_t> parse_bench_size(std::string_view text) {
    const auto size = parse_size(text);
    return size && *size > 0 && *size <= 1024 * 1024 ? size : std::nullopt;
}

bool is_negative_number(const std::string& text) {
    return text.size() > 1 && text[0] == '-' &&
           (std::isdigit(static_cast<unsigned char>(text[1])) != 0 || text[1] == '.');
}

class command_line {
public:
    command_line() {
        app_.set_version_flag("--version", "echosocket " ECHOSOCKET_VERSION);
        app_.require_subcommand(1);
        app_.failure_message(CLI::FailureMessage::simple);
        app_.footer(exit_code_help);
        add_serve();
        add_call();
        add_list();
        add_ping();
        add_repl();
        add_stats();
        add_bench();
        describe_listen(add("listen", "Print notifications as they come", [this] { return listen(listen_); }), listen_);
        describe_notify(add("notify", "Tell a server something", [this] { return notify(notify_); }), notify_);
        describe_chat(add("chat", "Talk to all in a room", [this] { return chat(chat_); }), chat_);
        describe_send(add("send", "Send a file to a server", [this] { return send(send_); }), send_);
        describe_get(add("get", "Get a file from a server", [this] { return get(get_); }), get_);
    }

    int run(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& e) {
            if (e.get_exit_code() == 0) return app_.exit(e);
            complain(misuse(e), "`echosocket --help` and `echosocket COMMAND --help` tell what there is");
            return static_cast<int>(exit_code::usage);
        }
        return chosen_();
    }

private:
    std::string misuse(const CLI::ParseError& e) const {
        const auto unknown = app_.remaining();
        if (unknown.empty()) return e.what();
        std::vector<std::string> names;
        for (const auto* known : app_.get_subcommands({})) names.push_back(known->get_name());
        const auto meant = nearest_name(unknown[0], names);
        return "there is no command '" + unknown[0] + "'" + (meant ? "; did you mean '" + *meant + "'?" : "");
    }

    template <class Run>
    CLI::App& add(const char* name, const char* help, Run run) {
        auto& app = *app_.add_subcommand(name, help);
        app.callback([this, run] { chosen_ = [run] { return static_cast<int>(run()); }; });
        return app;
    }

    void add_serve() {
        auto& app =
            add("serve",
                "Offer the demo tasks until SIGINT or SIGTERM. Nothing here is secret: any client may listen to every "
                "topic, and enter every chat room",
                [this] { return serve(serve_); });
        app.add_option("ADDRESS", serve_.addresses, std::string(address_help) + "; port 0 takes a free one")
            ->type_name("")
            ->default_str("127.0.0.1:8080");
        app.add_option("--port", serve_.port, "Short for the address 127.0.0.1:PORT")->type_name("PORT");
        app.add_option("--name", serve_.name, "Told to every client")->type_name("NAME")->capture_default_str();
        app.add_flag("--fallback", serve_.fallback, "Answer unknown tasks with `NAME received: DATA`");
        add_limits_of_tasks(app);
        app.add_flag("--allow-stop", serve_.allow_stop, "Let any client stop the server, by the task $stop");
        app.add_option("--threads", serve_.threads, "Threads that serve")
            ->type_name("N")
            ->check(CLI::Range(1, 1024))
            ->capture_default_str();
        add_duration(app, "--drain-timeout", serve_.drain_timeout, "How long running calls may finish when stopping");
        app.add_option("--max-connections", serve_.max_connections, "Further ones are refused")
            ->type_name("N")
            ->capture_default_str();
        app.add_option("--max-per-address", serve_.max_per_address,
                       "Connections from one address; 0 leaves it at four fifths of all, and loopback free")
            ->type_name("N")
            ->capture_default_str();
        const auto log = [this](verbosity wanted) { return [this, wanted] { serve_.log = wanted; }; };
        auto* quiet = app.add_flag_callback("-q,--quiet", log(verbosity::quiet), "Log only errors, to standard error");
        app.add_flag_callback("-v,--verbose", log(verbosity::verbose), "Log everything, to standard error")
            ->excludes(quiet);
    }

    void add_limits_of_tasks(CLI::App& app) {
        app.add_option("--allow-execute", serve_.programs, "A program that the task execute may run; repeatable")
            ->type_name("PROGRAM")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        app.add_option("--download-dir", serve_.download_directory, "Where the task download may write")
            ->type_name("DIR");
        add_size(app, "--download-limit", serve_.download_limit, "Largest file that the task download fetches");
        add_size(app, "--download-quota", serve_.download_quota, "Most that all files in that folder may take");
        app.add_option("--download-from", serve_.download_from,
                       "An address, a network such as 10.0.0.0/8, or a host's name, from which download may fetch "
                       "although it is not public; repeatable")
            ->type_name("WHERE")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        app.add_option("--files", serve_.files_directory, "Where the tasks put and get keep files")->type_name("DIR");
        add_size(app, "--files-limit", serve_.files_limit, "Largest file that the task put takes");
        add_size(app, "--files-quota", serve_.files_quota, "Most that all files in that folder may take");
    }

    void add_call() {
        auto& app = add("call", "Call a task and print its reply as it came", [this] { return call(call_); });
        add_target(app, call_.server);
        add_json(app, call_.server);
        app.add_option("TASK", call_.task, "`echosocket list ADDRESS` shows what there is")->required()->type_name("");
        app.add_option("DATA", call_.data,
                       "Sent as it stands; - is standard input. Tasks with typed arguments read it as JSON: one value, "
                       "or an array of the arguments")
            ->type_name("");
        // A negative number looks like an option, but is data here.
        app.allow_extras();
        app.parse_complete_callback([this, &app] {
            auto extras = app.remaining();
            std::erase(extras, "--");
            if (extras.empty()) return;
            if (extras.size() > 1 || call_.data || !is_negative_number(extras[0]))
                throw CLI::ExtrasError("call", extras);
            call_.data = extras[0];
        });
    }

    void add_list() {
        auto& app = add("list", "Show the tasks of a server", [this] { return list(target_); });
        add_target(app, target_);
        add_json(app, target_);
    }

    void add_ping() {
        auto& app = add("ping", "Measure round trips to a server", [this] { return ping(ping_); });
        add_target(app, ping_.server);
        add_json(app, ping_.server);
        app.add_option("-c,--count", ping_.count, "Pings; 0 is until Ctrl-C")->type_name("N")->capture_default_str();
        add_duration(app, "-i,--interval", ping_.interval, "Between two pings");
    }

    void add_repl() {
        auto& app = add("repl", "Call tasks line by line: TASK [DATA]", [this] { return repl(target_); });
        add_target(app, target_);
    }

    void add_stats() {
        auto& app = add("stats", "Show a server's figures", [this] { return stats(target_); });
        add_target(app, target_);
        add_json(app, target_);
    }

    void add_bench() {
        auto& app = add("bench", "Put a server under load and show how it bears it", [this] { return bench(bench_); });
        add_target(app, bench_.server);
        add_json(app, bench_.server);
        app.add_option("TASK", bench_.task, "What to call")->type_name("")->capture_default_str();
        app.add_option("DATA", bench_.data, "Sent with every request, in place of --size bytes")->type_name("");
        app.add_option("-c,--connections", bench_.connections, "Opened at once")
            ->type_name("N")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str();
        app.add_option("-d,--depth", bench_.depth, "Requests under way on each connection")
            ->type_name("N")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str();
        add_parsed(app, "-s,--size", bench_.size, "Bytes of each request, at most 1MiB", parse_bench_size,
                   "size up to 1MiB")
            ->type_name("SIZE")
            ->default_str("64");
        app.add_option("-r,--rate", bench_.rate,
                       "Requests per second, however slow the answers; 0 is as many as it bears")
            ->type_name("N")
            ->check(CLI::Range(0.0, 1e9))
            ->capture_default_str();
        add_duration(app, "-t,--duration", bench_.duration, "How long");
        app.add_option("--expect", bench_.expected, "The right reply; echo is expected to echo, other tasks to succeed")
            ->type_name("DATA");
    }

    CLI::App app_{"Named tasks over sockets: serve them, call them.", "echosocket"};
    std::function<int()> chosen_;
    serve_command serve_;
    call_command call_;
    ping_command ping_;
    bench_command bench_;
    listen_command listen_;
    notify_command notify_;
    chat_command chat_;
    send_command send_;
    get_command get_;
    target target_;
};

}  // namespace

int run_command(int argc, char** argv) {
    try {
        return command_line().run(argc, argv);
    } catch (const std::exception& e) {
        complain(std::string("this is a bug of echosocket: ") + e.what());
        return static_cast<int>(exit_code::internal);
    }
}

}  // namespace echosocket::cli
