// Integers on the wire: little-endian, at any alignment.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace echosocket::wire {

template <std::unsigned_integral Integer>
[[nodiscard]] inline Integer load(const char* from) noexcept {
    Integer value;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&value, from, sizeof value);
    } else {
        value = 0;
        for (std::size_t i = 0; i < sizeof value; ++i)
            value = static_cast<Integer>(value | Integer{static_cast<unsigned char>(from[i])} << (8 * i));
    }
    return value;
}

/// Returns the position after the written bytes.
template <std::unsigned_integral Integer>
inline char* store(char* to, Integer value) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(to, &value, sizeof value);
    } else {
        for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<char>(value >> (8 * i));
    }
    return to + sizeof value;
}

}  // namespace echosocket::wire
