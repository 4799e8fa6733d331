#include "cli/command_options.hpp"

#include "cli/units.hpp"

namespace echosocket::cli {

namespace {

constexpr const char* transfer_timeout_help = "For connecting, and for every wait without progress; 0 is no limit";

}  // namespace

void add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& into, const std::string& help) {
    add_parsed(app, name, into, help, parse_duration, "duration such as 500ms, 2s or 1m")
        ->type_name("DURATION")
        ->default_str(format_duration(into));
}

void add_size(CLI::App& app, const std::string& name, std::uint64_t& into, const std::string& help) {
    add_parsed(app, name, into, help, parse_size, "size such as 500KiB or 64MiB")
        ->type_name("SIZE")
        ->default_str(format_size(into));
}

void add_target(CLI::App& app, target& server, const std::string& timeout_help) {
    app.add_option("ADDRESS", server.address, address_help)->required()->type_name("");
    add_duration(app, "--timeout", server.timeout, timeout_help);
}

void add_json(CLI::App& app, target& server) {
    app.add_flag("--json", server.json, "Print JSON on one line, also for failures");
}

void describe_listen(CLI::App& app, listen_command& command) {
    add_target(app, command.server, "For connecting at first; 0 is no limit");
    app.add_flag("--json", command.server.json, "Print each notification as a JSON object on a line");
    app.add_option("TOPIC", command.topics, "What to listen to; every topic where none is given")->type_name("");
    app.footer(
        "Prints TOPIC, a tab and DATA on a line for each notification. Comes back by itself where the\n"
        "connection is lost, and tells so on standard error; SIGINT and SIGTERM end it with exit code 0.");
}

void describe_notify(CLI::App& app, notify_command& command) {
    add_target(app, command.server);
    add_json(app, command.server);
    app.add_option("TOPIC", command.topic, "What it is about")->required()->type_name("");
    app.add_option("DATA", command.data, "Sent as it stands; - is standard input")->required()->type_name("");
    app.footer("Ends when the server has it.");
}

void describe_chat(CLI::App& app, chat_command& command) {
    add_target(app, command.server, "For connecting, and for everything that is said; 0 is no limit");
    app.add_option("NAME", command.name, "Yours, as the others see it")->required()->type_name("");
    app.add_option("ROOM", command.room, "Where to talk")->required()->type_name("");
    app.footer("/members tells who is there; /quit, the end of the input and Ctrl-C leave.");
}

void describe_send(CLI::App& app, send_command& command) {
    add_target(app, command.server, transfer_timeout_help);
    add_json(app, command.server);
    app.add_option("FILE", command.file, "What to send; - is standard input")->required()->type_name("");
    app.add_option("NAME", command.name, "As it is to be called there; as it is called here where none is given")
        ->type_name("");
}

void describe_get(CLI::App& app, get_command& command) {
    add_target(app, command.server, transfer_timeout_help);
    add_json(app, command.server);
    app.add_option("NAME", command.name, "As it is called there")->required()->type_name("");
    app.add_option("FILE", command.file, "Where to write it; - is standard output; NAME where none is given")
        ->type_name("");
    app.footer("FILE is replaced once the whole of the new one is there.");
}

}  // namespace echosocket::cli
