#include <echosocket/clock.hpp>

#include "net/waiter.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <utility>

namespace echosocket {
namespace {

using timer_type = asio::steady_timer;

/// Outlives its alarm until the timer's last completion has run: that one may be queued already when the alarm goes.
class timer_state : public std::enable_shared_from_this<timer_state> {
public:
    explicit timer_state(asio::any_io_executor executor) : timer_(std::move(executor)) {}

    // An alarm that is moved ahead again and again, as one for idleness is, leaves the timer alone: it comes too early
    // then, and is armed again.
    void set(time_point when, std::function<void()> callback) {
        callback_ = std::move(callback);
        due_ = when;
        if (!armed_ || when < timer_.expiry()) arm();
    }

    void cancel() {
        const auto dropped = std::exchange(callback_, nullptr);  // last of all: it may own this alarm
        if (!armed_) return;
        armed_ = false;
        ++generation_;
        timer_.cancel();
    }

private:
    void arm() {
        armed_ = true;
        ++generation_;
        timer_.expires_at(due_);
        timer_.async_wait([self = shared_from_this(), generation = generation_](boost::system::error_code) {
            if (generation == self->generation_) self->expired();
        });
    }

    void expired() {
        if (timer_type::clock_type::now() < due_) return arm();
        armed_ = false;
        auto callback = std::exchange(callback_, nullptr);
        callback();
    }

    timer_type timer_;
    time_point due_{};
    std::function<void()> callback_;
    std::uint32_t generation_ = 0;
    bool armed_ = false;
};

class timer_alarm final : public alarm {
public:
    explicit timer_alarm(asio::any_io_executor executor) : state_(std::make_shared<timer_state>(std::move(executor))) {}
    timer_alarm(const timer_alarm&) = delete;
    timer_alarm& operator=(const timer_alarm&) = delete;
    ~timer_alarm() override { state_->cancel(); }

    void set(time_point when, std::function<void()> callback) override { state_->set(when, std::move(callback)); }
    void cancel() override { state_->cancel(); }

private:
    std::shared_ptr<timer_state> state_;
};

class machine_clock final : public clock {
public:
    time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) override {
        return std::make_unique<timer_alarm>(std::move(executor));
    }
};

}  // namespace

clock& steady_clock() noexcept {
    static machine_clock instance;
    return instance;
}

asio::awaitable<void> sleep_for(clock& source, duration length) {
    const auto executor = co_await asio::this_coro::executor;
    if (&source == &steady_clock()) {
        // A timer of its own, as it may complete on another thread before this one has suspended.
        timer_type timer(executor, length);
        co_await timer.async_wait(asio::deferred);
        co_return;
    }
    net::waiter over;
    const auto timer = source.make_alarm(executor);
    timer->set(source.now() + length, [&over] { over.notify(); });
    co_await over.wait();
}

}  // namespace echosocket
