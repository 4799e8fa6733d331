// The execution context of a simulation: what is ready, what is due when, and which of it is next.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/random_source.hpp>
#include <echosocket/simulation.hpp>

#include <boost/asio/execution_context.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace echosocket::testing {

/// A piece of work; runs once or is destroyed.
class simulated_job {
public:
    virtual ~simulated_job() = default;
    virtual void run() = 0;
};

template <class Function>
class simulated_job_of final : public simulated_job {
public:
    explicit simulated_job_of(Function&& function) : function_(std::move(function)) {}
    void run() override { std::move(function_)(); }

private:
    Function function_;
};

/// Whoever keeps coroutines that nothing destroys once the context has gone.
class keeps_coroutines {
public:
    virtual void drop_coroutines() noexcept = 0;

protected:
    ~keeps_coroutines() = default;
};

/// Thread safety: none. Work that comes from another thread is refused: nothing could tell when it came.
class simulation_context final : public asio::execution_context {
public:
    using job_ptr = std::unique_ptr<simulated_job>;
    /// When, and a number that was drawn to put things of the same time in order.
    using timer_key = std::pair<time_point, std::uint64_t>;

    simulation_context(std::uint64_t seed, const scheduling& rules);
    ~simulation_context();

    template <class Function>
    void post(Function function) {
        add(std::make_unique<simulated_job_of<Function>>(std::move(function)));
    }
    /// Runs `function` inside this call if that is possible and drawn.
    template <class Function>
    void dispatch(Function function) {
        if (!running_ || !draws_inline()) return post(std::move(function));
        try {
            std::move(function)();
        } catch (...) {
            note_thrown(std::current_exception());
        }
    }

    [[nodiscard]] time_point now() const noexcept { return now_; }
    /// Runs `function` at that time, or once what is ready now has had its turn.
    template <class Function>
    timer_key at(time_point when, Function function) {
        return set_timer(when, std::make_unique<simulated_job_of<Function>>(std::move(function)));
    }
    void cancel_timer(const timer_key& which) { timers_.erase(which); }

    /// Runs one piece of work; moves time to the next timer, if it is not after `until`, when nothing is ready. Returns
    /// false if there is nothing to do until then.
    bool step(time_point until);
    void pass_time_until(time_point when) noexcept;
    /// The end of what was begun.
    void note_thrown(std::exception_ptr thrown) noexcept;
    void rethrow();

    void add_work(std::ptrdiff_t change) noexcept { work_ += change; }
    [[nodiscard]] simulation::leftovers left() const noexcept;

    void trace(std::uint64_t what) noexcept { trace_ = (trace_ ^ what) * 0x100000001b3U + (trace_ >> 47U); }
    [[nodiscard]] std::uint64_t total_trace() const noexcept;
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

    void watch(const std::shared_ptr<keeps_coroutines>& who);

    const std::uint64_t seed;
    const std::unique_ptr<echosocket::clock> clock;
    random_source of_test;
    random_source of_network;
    std::minstd_rand of_library;
    std::uint64_t links = 0;
    std::uint64_t connections = 0;

private:
    void add(job_ptr job);
    timer_key set_timer(time_point when, job_ptr job);
    [[nodiscard]] bool draws_inline();
    [[nodiscard]] job_ptr take();
    bool advance(time_point until);
    bool stalled(job_ptr& job);

    const scheduling rules_;
    random_source of_scheduler_;
    const std::thread::id thread_ = std::this_thread::get_id();
    // Not the epoch: a time of zero must be far in the past, as it is on a real machine.
    time_point now_{std::chrono::hours(24)};
    std::vector<job_ptr> ready_;
    std::map<timer_key, job_ptr> timers_;
    std::vector<std::weak_ptr<keeps_coroutines>> keepers_;
    std::exception_ptr thrown_;
    std::ptrdiff_t work_ = 0;
    std::uint64_t trace_ = 0xcbf29ce484222325U;
    std::uint64_t steps_ = 0;
    std::uint64_t steps_at_this_time_ = 0;
    bool running_ = false;
};

}  // namespace echosocket::testing
