// The clock of a simulation.
#pragma once

#include <echosocket/clock.hpp>

#include <memory>

namespace echosocket::testing {

class simulation_context;

class simulated_clock final : public echosocket::clock {
public:
    explicit simulated_clock(simulation_context& context) noexcept : context_(context) {}

    [[nodiscard]] time_point now() const noexcept override;
    [[nodiscard]] std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) override;

private:
    simulation_context& context_;
};

}  // namespace echosocket::testing
