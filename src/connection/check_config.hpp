// Whether a configuration makes sense, before anything runs by it.
#pragma once

#include <echosocket/config.hpp>

#include "connection/settings.hpp"

#include <string_view>

namespace echosocket {

/// Errors: throws `usage_error(invalid_config)` naming the field and what it may be.
void check_config(const server_config& config);
void check_config(const client_config& config);

void check_rules(const queue_rules& rules, std::string_view field);

/// What connections need to know of a checked configuration.
[[nodiscard]] net::connection_settings settings_of(const server_config& config);
[[nodiscard]] net::connection_settings settings_of(const client_config& config);

}  // namespace echosocket
