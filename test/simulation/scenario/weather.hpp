// What happens to the links.
#pragma once

#include "simulation/scenario/world.hpp"

namespace echosocket::simulated {

/// The weather changes for at most so long; then it is fine.
inline constexpr auto longest_storm = 60s;

/// Resets, partitions, swallows, slows down and heals links, until all is quiet or the storm is over. Leaves them fine.
[[nodiscard]] asio::awaitable<void> make_weather(world& in);

}  // namespace echosocket::simulated
