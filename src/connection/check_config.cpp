#include "connection/check_config.hpp"

#include "protocol/stream_credit.hpp"
#include "wire/hello.hpp"
#include "wire/utf8.hpp"

#include <echosocket/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view software = "echosocket/1.0";

void require(bool fits, std::string_view field, std::string_view what) {
    if (!fits) throw usage_error(errc::invalid_config, std::string(field) + " must be " + std::string(what));
}

void require_positive(milliseconds value, std::string_view field) {
    require(value.count() > 0 && value <= std::chrono::hours(24), field, "above 0 ms and at most 24 h");
}

void require_not_negative(milliseconds value, std::string_view field) {
    require(value.count() >= 0 && value <= std::chrono::hours(24), field, "0 ms (off) to 24 h");
}

void check_limits(const limits& l) {
    require(l.max_frame >= 1024 && l.max_frame <= 64 * 1024 * 1024, "limits.max_frame", "1 KiB to 64 MiB");
    require(l.max_message >= l.max_frame && l.max_message <= UINT32_MAX, "limits.max_message",
            "at least limits.max_frame, and below 4 GiB");
    require(l.max_calls >= 1, "limits.max_calls", "at least 1");
    require(l.max_nesting >= 1 && l.max_nesting <= 1000, "limits.max_nesting", "1 to 1000");
    require_positive(l.hello_timeout, "limits.hello_timeout");
    require_positive(l.frame_timeout, "limits.frame_timeout");
    require_not_negative(l.idle_timeout, "limits.idle_timeout");
    require_not_negative(l.ping_interval, "limits.ping_interval");
    require_positive(l.write_timeout, "limits.write_timeout");
    require(l.output_soft >= 1024, "limits.output_soft", "at least 1 KiB");
    require_positive(l.output_soft_time, "limits.output_soft_time");
    require(l.output_hard >= l.output_soft, "limits.output_hard", "at least limits.output_soft");
    require(l.stream_credit >= 4096 && l.stream_credit <= protocol::max_credit, "limits.stream_credit",
            "4 KiB to 2 GiB - 1");
    require(l.handling_queue >= 1024, "limits.handling_queue", "at least 1 KiB");
    require(l.abuse_burst >= 1, "limits.abuse_burst", "at least 1");
}

void check_name(const std::string& name) {
    require(wire::is_valid_name(name), "name", "1 to 255 bytes of UTF-8");
}

net::connection_settings common_settings(const std::string& name, const limits& l, clock* clock, const log_sink& log) {
    wire::hello hello;
    hello.name = name;
    hello.software = software;
    hello.max_frame = static_cast<std::uint32_t>(l.max_frame);
    hello.max_message = l.max_message;
    hello.max_calls = l.max_calls;
    hello.stream_credit = l.stream_credit;

    net::connection_settings settings;
    settings.limits = l;
    settings.clock = clock;
    settings.log = log;
    wire::append_hello(settings.hello, hello);
    return settings;
}

}  // namespace

void check_rules(const queue_rules& rules, std::string_view field) {
    require(rules.max_bytes >= 1, std::string(field) + ".max_bytes", "at least 1");
    require(rules.max_frames >= 1, std::string(field) + ".max_frames", "at least 1");
}

void check_config(const server_config& config) {
    check_name(config.name);
    check_limits(config.limits);
    require(config.max_connections >= 1, "max_connections", "at least 1");
    require(config.max_running_calls >= 1, "max_running_calls", "at least 1");
    require_positive(config.max_deadline, "max_deadline");
    require_not_negative(config.call_timeout, "call_timeout");
    require_not_negative(config.remembered_for, "remembered_for");
    check_rules(config.notifications, "notifications");
    require_not_negative(config.drain_timeout, "drain_timeout");
    require_not_negative(config.cancel_timeout, "cancel_timeout");
    require(config.clock != nullptr, "clock", "set");
}

void check_config(const client_config& config) {
    check_name(config.name);
    check_limits(config.limits);
    require_positive(config.connect_timeout, "connect_timeout");
    require_not_negative(config.call_timeout, "call_timeout");
    require_not_negative(config.max_deadline, "max_deadline");
    check_rules(config.notifications, "notifications");
    require_positive(config.reconnect.first_delay, "reconnect.first_delay");
    require(config.reconnect.max_delay >= config.reconnect.first_delay, "reconnect.max_delay",
            "at least reconnect.first_delay");
    require(config.reconnect.jitter_percent <= 100, "reconnect.jitter_percent", "0 to 100");
    require(config.clock != nullptr, "clock", "set");
}

net::connection_settings settings_of(const server_config& config) {
    auto settings = common_settings(config.name, config.limits, config.clock, config.log);
    settings.role = protocol::role::server;
    settings.max_deadline = config.max_deadline;
    settings.send_exception_text = config.send_exception_text;
    settings.call_timeout = config.call_timeout;
    return settings;
}

net::connection_settings settings_of(const client_config& config) {
    auto settings = common_settings(config.name, config.limits, config.clock, config.log);
    settings.role = protocol::role::client;
    settings.max_deadline = config.max_deadline;
    settings.send_exception_text = config.send_exception_text;
    settings.call_timeout = config.call_timeout;
    return settings;
}

}  // namespace echosocket
