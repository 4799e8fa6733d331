// How the bytes of a payload were made. Needs neither Asio nor JSON.
#pragma once

#include <cstdint>
#include <string>

namespace echosocket {

enum class content_type : std::uint8_t { bytes = 0, json = 1 };

/// A payload, ready to be sent.
struct encoded_body {
    std::string bytes;
    content_type type = content_type::bytes;
};

}  // namespace echosocket
