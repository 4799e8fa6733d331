// Whether a client's configuration makes sense, before anything runs by it.
#pragma once

#include <echosocket/config.hpp>

namespace echosocket {

/// Errors: throws `usage_error(invalid_config)` naming the field and what it may be.
void check_config(const client_config& config);

}  // namespace echosocket
