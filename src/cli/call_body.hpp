// The data typed for a call, as the body to send.
#pragma once

#include <echosocket/codec.hpp>

#include <string>

namespace echosocket::cli {

/// The bytes unchanged. A JSON array is marked as JSON, so that the server reads it as a list of arguments and not as a
/// text that looks like one.
[[nodiscard]] encoded_body body_of(std::string data);

}  // namespace echosocket::cli
