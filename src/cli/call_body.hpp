// What was typed as a call's data, as the body that is sent.
#pragma once

#include <echosocket/codec.hpp>

#include <string>

namespace echosocket::cli {

/// The bytes as they are. Of a JSON array the server is told that it is one: a list of arguments, and no text that only
/// looks like it.
[[nodiscard]] encoded_body body_of(std::string data);

}  // namespace echosocket::cli
