#include "cli/call_body.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace echosocket::cli {

namespace {

bool is_json_array(const std::string& data) {
    const auto first = data.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || data[first] != '[') return false;
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = detail::max_reply_nesting;
    const auto value = boost::json::parse(data, error, {}, options);
    return !error;
}

}  // namespace

encoded_body body_of(std::string data) {
    const auto type = is_json_array(data) ? content_type::json : content_type::bytes;
    return {std::move(data), type};
}

}  // namespace echosocket::cli
