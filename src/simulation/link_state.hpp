// What the connections over one link share.
#pragma once

#include "simulation/context.hpp"

#include <echosocket/simulation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace echosocket::testing {

class simulated_connection;

/// What becomes of bytes in one direction.
enum class gate : std::uint8_t { open, held, swallowing };

class link_state final : public std::enable_shared_from_this<link_state> {
public:
    link_state(simulation_context& owner, const link_rules& given)
        : context(owner), number(++owner.links), rules(given) {}

    [[nodiscard]] std::shared_ptr<simulated_connection> connect();
    [[nodiscard]] std::vector<std::shared_ptr<simulated_connection>> connections();

    void set(direction which, gate how) noexcept { gates_[static_cast<std::size_t>(which)] = how; }
    [[nodiscard]] gate of(direction which) const noexcept { return gates_[static_cast<std::size_t>(which)]; }
    [[nodiscard]] bool is_open() const noexcept {
        return of(direction::forth) == gate::open && of(direction::back) == gate::open;
    }

    simulation_context& context;
    const std::uint64_t number;
    link_rules rules;

private:
    std::array<gate, 2> gates_{gate::open, gate::open};
    std::vector<std::weak_ptr<simulated_connection>> connections_;
};

}  // namespace echosocket::testing
