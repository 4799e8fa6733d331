// What every configuration is checked for, before anything runs by it.
#pragma once

#include <echosocket/limits.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace echosocket {

// Errors of all of these: throws `usage_error(invalid_config)`, naming the field and what it may be.

void require(bool fits, std::string_view field, std::string_view what);
/// Above 0 ms.
void require_positive(std::chrono::milliseconds value, std::string_view field);
/// 0 ms turns something off.
void require_not_negative(std::chrono::milliseconds value, std::string_view field);

void check_name(const std::string& name);
void check_limits(const limits& checked);
void check_rules(const queue_rules& rules, std::string_view field);

}  // namespace echosocket
