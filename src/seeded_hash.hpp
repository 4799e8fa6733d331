// A hash that nobody outside can foresee, for tables under texts that peers choose: who knows the hash of a table picks
// thousands of names for one bucket, and each look-up walks all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace echosocket {

struct hash_seed {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

/// SipHash-2-4.
[[nodiscard]] std::uint64_t sip_hash(std::string_view bytes, const hash_seed& seed) noexcept;

/// By a seed that each process draws once.
///
/// Thread safety: may be used on any thread.
struct seeded_hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept;
};

/// A table under texts that peers choose.
template <class T>
using name_map = std::unordered_map<std::string, T, seeded_hash, std::equal_to<>>;

}  // namespace echosocket
