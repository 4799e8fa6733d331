#include <echosocket/clock.hpp>

#include "async/strand_event.hpp"
#include "time/alarm_queue.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace echosocket {
namespace {

using timer_type = asio::steady_timer;

class machine_clock final : public clock {
public:
    time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) override {
        return std::make_unique<queued_alarm>(std::move(executor));
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
        // A timer of its own, because it may complete on another thread before this coroutine has suspended.
        timer_type timer(executor, length);
        co_await timer.async_wait(asio::deferred);
        co_return;
    }
    net::strand_event over;
    const auto timer = source.make_alarm(executor);
    timer->set(source.now() + length, [&over] { over.notify(); });
    co_await over.wait();
}

}  // namespace echosocket
