// CPU work that touches no memory.
#pragma once

#include <cstdint>

namespace echosocket::bench {

/// A chain of multiplications that takes time in proportion to `iterations`, independent of memory.
inline std::uint64_t work(std::uint64_t seed, std::uint64_t iterations) noexcept {
    for (std::uint64_t i = 0; i < iterations; ++i) seed = seed * 6364136223846793005U + 1442695040888963407U;
    return seed;
}

}  // namespace echosocket::bench
