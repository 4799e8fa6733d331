#include "simulation/context.hpp"

#include "simulation/clock.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace echosocket::testing {

namespace {

// Work that goes on for ever while no time passes would hang the test.
constexpr std::uint64_t most_steps_at_one_time = 10'000'000;

// So that the sources of one seed have nothing in common.
std::uint64_t seed_for(std::uint64_t seed, std::uint64_t use) {
    return random_source(random_source(seed)() ^ use)();
}

}  // namespace

simulation_context::simulation_context(std::uint64_t of_all, const scheduling& rules)
    : seed(of_all),
      clock(std::make_unique<simulated_clock>(*this)),
      of_test(seed_for(of_all, 1)),
      of_network(seed_for(of_all, 2)),
      of_library(static_cast<std::uint32_t>(seed_for(of_all, 3))),
      rules_(rules),
      of_scheduler_(seed_for(of_all, 4)) {}

// As an io_context does: services end while what is left to do is still there; then it is destroyed, undone.
// Destructors of that may begin something.
simulation_context::~simulation_context() {
    shutdown();
    for (const auto& who : keepers_)
        if (const auto alive = who.lock()) alive->drop_coroutines();
    while (!ready_.empty() || !timers_.empty()) {
        const auto dropped = std::exchange(ready_, {});
        const auto also_dropped = std::exchange(timers_, {});
    }
    destroy();
}

void simulation_context::add(job_ptr job) {
    if (std::this_thread::get_id() != thread_)
        throw std::logic_error(
            "a simulation runs in one thread: something that it does not know of (a thread, a socket, "
            "the machine's clock) has called its executor from another");
    ready_.push_back(std::move(job));
}

simulation_context::timer_key simulation_context::set_timer(time_point when, job_ptr job) {
    timer_key key(when, of_scheduler_());
    while (!timers_.try_emplace(key, std::move(job)).second) ++key.second;
    return key;
}

bool simulation_context::draws_inline() {
    const bool yes = of_scheduler_.one_in(2);
    trace(yes ? 1 : 2);
    return yes;
}

simulation_context::job_ptr simulation_context::take() {
    const auto place = ready_.size() == 1 ? 0 : of_scheduler_.below(ready_.size());
    trace(place);
    auto& chosen = ready_[static_cast<std::size_t>(place)];
    std::swap(chosen, ready_.back());
    auto job = std::move(ready_.back());
    ready_.pop_back();
    return job;
}

bool simulation_context::stalled(job_ptr& job) {
    if (!of_scheduler_.one_in(rules_.stall_one_in)) return false;
    set_timer(
        now_ + of_scheduler_.between<duration>(duration(1), std::max<duration>(rules_.longest_stall, duration(1))),
        std::move(job));
    return true;
}

bool simulation_context::step(time_point until) {
    if (ready_.empty() && !advance(until)) return false;
    if (++steps_at_this_time_ > most_steps_at_one_time)
        throw std::runtime_error("work goes on for ever, and no time passes");
    auto job = take();
    if (stalled(job)) return true;
    ++steps_;
    running_ = true;
    try {
        job->run();
    } catch (...) {
        note_thrown(std::current_exception());
    }
    job.reset();
    running_ = false;
    rethrow();
    return true;
}

bool simulation_context::advance(time_point until) {
    if (timers_.empty()) return false;
    if (timers_.begin()->first.first > until) return false;
    pass_time_until(timers_.begin()->first.first);
    while (!timers_.empty() && timers_.begin()->first.first <= now_)
        ready_.push_back(std::move(timers_.extract(timers_.begin()).mapped()));
    return true;
}

void simulation_context::pass_time_until(time_point when) noexcept {
    if (when <= now_) return;
    now_ = when;
    steps_at_this_time_ = 0;
    trace(static_cast<std::uint64_t>(when.time_since_epoch().count()));
}

void simulation_context::note_thrown(std::exception_ptr thrown) noexcept {
    if (!thrown_) thrown_ = std::move(thrown);
}

void simulation_context::rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

simulation::leftovers simulation_context::left() const noexcept {
    return {ready_.size(), timers_.size(), static_cast<std::size_t>(work_)};
}

std::uint64_t simulation_context::total_trace() const noexcept {
    auto all = trace_;
    auto library = of_library;  // its next number tells where it stands
    for (const std::uint64_t part :
         {of_scheduler_.position(), of_test.position(), of_network.position(), std::uint64_t{library()}})
        all = random_source(all ^ part)();
    return all;
}

void simulation_context::watch(const std::shared_ptr<keeps_coroutines>& who) {
    std::erase_if(keepers_, [](const auto& each) { return each.expired(); });
    keepers_.push_back(who);
}

}  // namespace echosocket::testing
