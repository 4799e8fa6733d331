// How the bytes of a payload were made. Needs neither Asio nor JSON.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace echosocket {

enum class content_type : std::uint8_t { bytes = 0, json = 1 };

/// A payload, ready to be sent.
struct encoded_body {
    std::string bytes;
    content_type type = content_type::bytes;

    encoded_body() = default;
    // A constructor, because GCC 12 destroys an aggregate that is made inside a `co_await` expression twice.
    encoded_body(std::string made, content_type made_as = content_type::bytes) noexcept
        : bytes(std::move(made)), type(made_as) {}
};

}  // namespace echosocket
