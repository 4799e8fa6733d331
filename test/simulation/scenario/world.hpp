// One seed's world: servers that come and go, clients that call them, and the weather between them.
#pragma once

#include "simulation/scenario/ledger.hpp"
#include "simulation/scenario/membership.hpp"

#include <echosocket/simulation.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::simulated {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::random_source;

class guest;
class site;

/// Errands end by themselves, and when the last one has, all gets quiet. Then acts end, and services last of all.
enum class part : std::uint8_t { errand, act, service };

/// Which world it is, and what is told of it.
struct world_options {
    std::uint64_t seed = 0;
    bool log = false;
};

class world {
public:
    explicit world(const world_options& given);
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    ~world();

    /// Plays it to its end; returns what was wrong, empty if nothing was.
    [[nodiscard]] std::string play();

    // For whoever lives in it.
    [[nodiscard]] random_source& random() noexcept { return sim.random(); }
    [[nodiscard]] echosocket::clock& clock() noexcept { return sim.clock(); }
    /// Nothing new is begun: the end is near.
    [[nodiscard]] bool is_quiet() const noexcept { return quiet_; }
    /// Everybody has ended what they began: servers may go for good.
    [[nodiscard]] bool is_over() const noexcept { return over_; }
    [[nodiscard]] std::uint64_t next_server() noexcept { return ++servers_; }
    void log(std::string_view who, std::string_view text) const;
    /// For a config; empty if nothing is told.
    [[nodiscard]] log_sink log_of(std::string who) const;
    /// Starts a coroutine, which `play` waits for.
    void start(part of, std::function<asio::awaitable<void>()> what);

    const world_options options;
    testing::simulation sim;
    ledger kept;
    membership_book members{kept};
    std::vector<std::unique_ptr<site>> sites;
    std::vector<std::unique_ptr<guest>> guests;
    std::vector<testing::link> links;

private:
    [[nodiscard]] bool until(std::string_view phase, const std::function<bool()>& reached, duration at_most);
    void build();
    [[nodiscard]] bool play_phases();
    [[nodiscard]] std::size_t running(part of) const noexcept { return running_[static_cast<std::size_t>(of)]; }

    bool quiet_ = false;
    bool over_ = false;
    std::uint64_t servers_ = 0;
    std::array<std::size_t, 3> running_{};  ///< Coroutines, by `part`.
};

/// Limits that are reached often.
[[nodiscard]] limits draw_limits(random_source& random);
[[nodiscard]] testing::link_rules draw_link(random_source& random);
[[nodiscard]] std::string text_of(std::uint64_t number, std::size_t length);

/// A wait whose cancellation is nobody's failure.
[[nodiscard]] asio::awaitable<void> pause(world& in, std::chrono::milliseconds length);

}  // namespace echosocket::simulated
