#include "connection/settings.hpp"

#include "wire/hello.hpp"

#include <cstdint>
#include <string_view>

namespace echosocket::net {

namespace {

constexpr std::string_view software = "echosocket/1.0";

wire::hello hello_of(const std::string& name, const limits& l) {
    wire::hello hello;
    hello.name = name;
    hello.software = software;
    hello.max_frame = static_cast<std::uint32_t>(l.max_frame);
    hello.max_message = l.max_message;
    hello.max_calls = l.max_calls;
    hello.stream_credit = l.stream_credit;
    hello.notify_credit = static_cast<std::uint32_t>(l.handling_queue);
    return hello;
}

/// For the fields that both kinds of config have.
template <class Config>
connection_settings settings_for(protocol::role role, const Config& config) {
    connection_settings settings;
    settings.role = role;
    settings.limits = config.limits;
    settings.clock = config.clock;
    settings.max_deadline = config.max_deadline;
    settings.send_exception_text = config.send_exception_text;
    settings.call_timeout = config.call_timeout;
    wire::append_hello(settings.hello, hello_of(config.name, config.limits));
    return settings;
}

}  // namespace

connection_settings settings_of(const server_config& config) {
    return settings_for(protocol::role::server, config);
}

connection_settings settings_of(const client_config& config) {
    return settings_for(protocol::role::client, config);
}

}  // namespace echosocket::net
