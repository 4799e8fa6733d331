#include <echosocket/simulation.hpp>

#include "random_numbers.hpp"
#include "simulation/context.hpp"
#include "simulation/executor.hpp"
#include "simulation/link_state.hpp"

#include <utility>

namespace echosocket::testing {

simulation::simulation(std::uint64_t seed, const scheduling& rules)
    : context_(std::make_unique<simulation_context>(seed, rules)) {}
simulation::~simulation() = default;

std::uint64_t simulation::seed() const noexcept {
    return context_->seed;
}
asio::any_io_executor simulation::executor() noexcept {
    return simulation_executor(*context_);
}
clock& simulation::clock() noexcept {
    return *context_->clock;
}
time_point simulation::now() const noexcept {
    return context_->now();
}
random_source& simulation::random() noexcept {
    return context_->of_test;
}

link simulation::make_link(const link_rules& rules) {
    return link(std::make_shared<link_state>(*context_, rules));
}

bool simulation::run_until(const std::function<bool()>& reached, duration at_most) {
    const use_random_numbers of_this_seed(context_->of_library);
    const auto until = context_->now() + at_most;
    while (!reached())
        if (!context_->step(until)) return reached();
    return true;
}

void simulation::run_for(duration length) {
    const use_random_numbers of_this_seed(context_->of_library);
    const auto until = context_->now() + length;
    while (context_->step(until)) {
    }
    context_->pass_time_until(until);
}

simulation::leftovers simulation::left() const noexcept {
    return context_->left();
}
std::uint64_t simulation::trace() const noexcept {
    return context_->total_trace();
}
void simulation::trace(std::uint64_t what) noexcept {
    context_->trace(what);
}
std::uint64_t simulation::steps() const noexcept {
    return context_->steps();
}

void simulation::note_thrown(std::exception_ptr thrown) noexcept {
    if (thrown) context_->note_thrown(std::move(thrown));
}

}  // namespace echosocket::testing
