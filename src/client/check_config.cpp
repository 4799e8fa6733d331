#include "client/check_config.hpp"

#include "connection/check_limits.hpp"

namespace echosocket {

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

}  // namespace echosocket
