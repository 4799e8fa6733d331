#include "server/check_config.hpp"

#include "connection/check_limits.hpp"

namespace echosocket {

void check_config(const server_config& config) {
    check_name(config.name);
    check_limits(config.limits);
    require(config.max_connections >= 1, "max_connections", "at least 1");
    require(config.memory_budget == 0 || config.memory_budget >= 1024 * 1024, "memory_budget", "0 or at least 1048576");
    require(config.max_running_calls >= 1, "max_running_calls", "at least 1");
    require_positive(config.max_deadline, "max_deadline");
    require_not_negative(config.call_timeout, "call_timeout");
    require_not_negative(config.remembered_for, "remembered_for");
    check_rules(config.notifications, "notifications");
    require_not_negative(config.drain_timeout, "drain_timeout");
    require_not_negative(config.cancel_timeout, "cancel_timeout");
    require(config.clock != nullptr, "clock", "set");
}

}  // namespace echosocket
