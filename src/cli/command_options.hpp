// Options shared by several subcommands, and the options of `send`, `get`, `listen`, `notify` and `chat`.
#pragma once

#include "cli/commands.hpp"

#include <CLI/App.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace echosocket::cli {

inline constexpr const char* address_help = "host:port, [v6]:port or unix:/path";

/// Adds an option whose value `parse` reads; the option is rejected if `parse` returns an empty optional.
template <class Value, class Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& name, Value& into, const std::string& help, Parse parse,
                        const char* expected) {
    const auto read = [&into, name, parse, expected](const std::string& text) {
        const auto value = parse(text);
        if (!value) throw CLI::ValidationError(name, "'" + text + "' is no " + expected);
        into = static_cast<Value>(*value);
    };
    return app.add_option_function<std::string>(name, read, help);
}

void add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& into, const std::string& help);
void add_size(CLI::App& app, const std::string& name, std::uint64_t& into, const std::string& help);
void add_target(CLI::App& app, target& server,
                const std::string& timeout_help = "For connecting and the call together; 0 is no limit");
void add_json(CLI::App& app, target& server);

void describe_listen(CLI::App& app, listen_command& command);
void describe_notify(CLI::App& app, notify_command& command);
void describe_chat(CLI::App& app, chat_command& command);
void describe_send(CLI::App& app, send_command& command);
void describe_get(CLI::App& app, get_command& command);

}  // namespace echosocket::cli
