// What became of everything that ran when a server stopped, or a client drained.
#pragma once

#include <chrono>
#include <cstddef>

namespace echosocket {

/// How a server's life ended, or a client's that was drained.
struct shutdown_report {
    std::size_t connections = 0;  ///< Open when the shutdown began.
    std::size_t drained = 0;      ///< Of the calls served here then, those that finished by themselves.
    std::size_t cancelled = 0;    ///< Of these, those that were cancelled, mostly because the drain took too long.
    std::size_t closed = 0;       ///< Connections that had to be closed by force.
    std::chrono::milliseconds took{};
};

}  // namespace echosocket
