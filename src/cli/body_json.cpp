#include "cli/body_json.hpp"

#include "cli/text.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

json::value base64(std::string_view bytes) {
    const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
    // Encoded in a list, because bytes that are the only argument are not JSON.
    const std::vector<std::vector<std::byte>> one{{first, first + bytes.size()}};
    return json::parse(encode_arguments(one).bytes).at(0);
}

}  // namespace

void add_body(json::object& report, std::string_view key, std::string_view body, content_type type) {
    if (type == content_type::json) {
        // By the codec, because Boost.JSON changes the last digits of some numbers.
        if (auto value = decode_reply<json::value>(std::string(body)))
            return void(report.emplace(key, *std::move(value)));
    }
    if (is_text(body)) return void(report.emplace(key, body));
    report.emplace(std::string(key) + "_base64", base64(body));
}

}  // namespace echosocket::cli
