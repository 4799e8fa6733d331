#include "connection/settings.hpp"

#include "wire/hello.hpp"

#include <cstdint>
#include <string_view>

namespace echosocket::net {

namespace {

constexpr std::string_view software = "echosocket/1.0";

connection_settings common_settings(const std::string& name, const limits& l, clock* clock, const log_sink& log) {
    wire::hello hello;
    hello.name = name;
    hello.software = software;
    hello.max_frame = static_cast<std::uint32_t>(l.max_frame);
    hello.max_message = l.max_message;
    hello.max_calls = l.max_calls;
    hello.stream_credit = l.stream_credit;

    connection_settings settings;
    settings.limits = l;
    settings.clock = clock;
    settings.log = log;
    wire::append_hello(settings.hello, hello);
    return settings;
}

}  // namespace

connection_settings settings_of(const server_config& config) {
    auto settings = common_settings(config.name, config.limits, config.clock, config.log);
    settings.role = protocol::role::server;
    settings.max_deadline = config.max_deadline;
    settings.send_exception_text = config.send_exception_text;
    settings.call_timeout = config.call_timeout;
    return settings;
}

connection_settings settings_of(const client_config& config) {
    auto settings = common_settings(config.name, config.limits, config.clock, config.log);
    settings.role = protocol::role::client;
    settings.max_deadline = config.max_deadline;
    settings.send_exception_text = config.send_exception_text;
    settings.call_timeout = config.call_timeout;
    return settings;
}

}  // namespace echosocket::net
