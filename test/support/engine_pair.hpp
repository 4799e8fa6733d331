// A client's engine and a server's engine, joined by a line in memory, in simulated time.
#pragma once

#include "support/engine_end.hpp"

#include <chrono>
#include <cstddef>
#include <limits>

namespace echosocket::test {

/// Bytes move in `exchange` and `wait`, at once and in chunks of at most `chunk` bytes.
class engine_pair {
public:
    explicit engine_pair(end_options of_client = {.name = "client"}, end_options of_server = {.name = "server"});

    /// Both ends begin; nothing moves yet.
    void begin();
    /// Both begin and greet each other; what was said is forgotten.
    void open();
    /// Moves bytes until both are quiet.
    void exchange();
    /// Time passes for both.
    void wait(std::chrono::milliseconds time);
    void forget();
    /// Every whole request of either end has been answered once, and both ends agree that nothing runs.
    void check_all_answered();

    engine_end client;
    engine_end server;
    std::size_t chunk = std::numeric_limits<std::size_t>::max();
    bool is_dead = false;  ///< What is written gets lost.

private:
    bool move(engine_end& from, engine_end& to);
    void set_clocks(protocol::time_point now);
};

}  // namespace echosocket::test
