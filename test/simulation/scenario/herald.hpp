// What a server does of its own accord: it notifies, publishes, and calls its clients.
#pragma once

#include "simulation/scenario/site.hpp"

namespace echosocket::simulated {

/// Until the server stops, or all is quiet.
[[nodiscard]] asio::awaitable<void> act_as_herald(world& in, site::term_ptr of);

}  // namespace echosocket::simulated
