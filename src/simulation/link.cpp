#include "simulation/connection.hpp"

#include <echosocket/server.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace echosocket::testing {

namespace {

using namespace std::chrono_literals;

// As TCP, which sends its first packet again after this long, a few times.
constexpr auto again_after = 1s;
constexpr int most_tries = 6;

duration drawn_delay(link_state& link) {
    const auto& rules = link.rules;
    return link.context.of_network.between<duration>(rules.least_delay, std::max(rules.least_delay, rules.most_delay));
}

asio::awaitable<result<std::unique_ptr<transport>>> dial_over(std::shared_ptr<link_state> link,
                                                              std::shared_ptr<std::function<server*()>> target) {
    auto& clock = *link->context.clock;
    for (int tries = 1; !link->is_open(); ++tries) {
        if (tries == most_tries) co_return failure(errc::connect_timeout, "nobody answers over the link");
        co_await sleep_for(clock, again_after);
    }
    const auto there_and_back = drawn_delay(*link) + drawn_delay(*link);
    co_await sleep_for(clock, there_and_back);
    if (!link->is_open()) co_return failure(errc::connect_timeout, "nobody answers over the link");
    auto* const there = (*target)();
    if (there == nullptr) co_return failure(errc::connect_failed, "nobody listens at the other end of the link");
    auto [near, far] = ends_of(link->connect());
    there->attach(std::move(far));
    co_return std::move(near);
}

}  // namespace

std::shared_ptr<simulated_connection> link_state::connect() {
    auto made = std::make_shared<simulated_connection>(shared_from_this());
    context.watch(made);
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    connections_.push_back(made);
    return made;
}

std::vector<std::shared_ptr<simulated_connection>> link_state::connections() {
    std::vector<std::shared_ptr<simulated_connection>> all;
    for (const auto& each : connections_)
        if (auto alive = each.lock(); alive && alive->is_open()) all.push_back(std::move(alive));
    return all;
}

dialer link::to(server& target) const {
    return to([there = &target] { return there; });
}

dialer link::to(std::function<server*()> target) const {
    auto kept = std::make_shared<std::function<server*()>>(std::move(target));
    return [over = state_, kept] { return dial_over(over, kept); };
}

std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> link::connect() const {
    return ends_of(state_->connect());
}

void link::set(const link_rules& rules) const {
    state_->rules = rules;
    for (const auto& each : state_->connections()) each->go_on();  // there may be more room
}

void link::hold(direction which) const {
    state_->set(which, gate::held);
}

void link::partition() const {
    hold(direction::forth);
    hold(direction::back);
}

void link::swallow(direction which) const {
    state_->set(which, gate::swallowing);
    for (const auto& each : state_->connections()) each->go_on();
}

void link::heal() const {
    state_->set(direction::forth, gate::open);
    state_->set(direction::back, gate::open);
    for (const auto& each : state_->connections()) each->go_on();
}

void link::reset() const {
    for (const auto& each : state_->connections()) each->reset();
}

std::size_t link::connections() const {
    return state_->connections().size();
}

}  // namespace echosocket::testing
