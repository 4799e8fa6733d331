// Bodies from the other end in JSON reports.
#pragma once

#include <echosocket/codec.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace echosocket::cli {

/// Adds a body to a report: JSON and text unchanged under `key`, other bytes as base64 under `key_base64`.
void add_body(boost::json::object& report, std::string_view key, std::string_view body, content_type type);

}  // namespace echosocket::cli
