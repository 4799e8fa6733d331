// A record, of which metas and the HELLO's body consist: a tag, the length of a value, the value.
#pragma once

#include "wire/little_endian.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace echosocket::wire {

inline constexpr std::size_t record_head = sizeof(std::uint8_t) + sizeof(std::uint16_t);  // tag and length

/// `out` is the integer or an optional of it. Returns false if the value has another size.
template <std::unsigned_integral Integer, class Field>
[[nodiscard]] bool read_integer(std::string_view value, Field& out) noexcept {
    if (value.size() != sizeof(Integer)) return false;
    out = load<Integer>(value.data());
    return true;
}

}  // namespace echosocket::wire
