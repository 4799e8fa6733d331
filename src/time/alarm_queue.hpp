// The alarms of one execution context: a heap over one timer, because thousands of idle connections each have an alarm.
#pragma once

#include <echosocket/clock.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace echosocket {

class queued_alarm;

/// Thread safety: all members may be called from any thread.
/// Lifetime: that of the execution context; must outlive every alarm.
class alarm_queue final : public asio::execution_context::service {
public:
    using key_type = alarm_queue;
    static inline asio::execution_context::id id;

    explicit alarm_queue(asio::execution_context& context) : service(context) {}
    [[nodiscard]] static alarm_queue& of(const asio::any_io_executor& executor);

    /// Queues `what` for `when`; replaces its earlier time, even if it has already been posted to its executor.
    void put(queued_alarm& what, time_point when);
    /// Removes `what`; it does not expire any longer, even if it has already been posted to its executor.
    void take(queued_alarm& what);

private:
    // A binary heap in which each alarm stores its position, so that it can be moved and removed.
    void place(queued_alarm* what, std::size_t at);
    void move_up(std::size_t at);
    void move_down(std::size_t at);
    void erase(std::size_t at);

    void shutdown() override;
    void start(const asio::any_io_executor& executor);
    void arm_for_first();
    void expired();

    std::mutex mutex_;
    std::vector<queued_alarm*> heap_;
    std::optional<asio::steady_timer> timer_;
    time_point armed_for_ = time_point::max();
};

/// An alarm that is often set to a later time, such as one for idleness, does not touch the queue each time: it fires
/// too early once and is then queued again.
class queued_alarm final : public alarm {
public:
    explicit queued_alarm(asio::any_io_executor executor)
        : queue_(alarm_queue::of(executor)), executor_(std::move(executor)) {}
    queued_alarm(const queued_alarm&) = delete;
    queued_alarm& operator=(const queued_alarm&) = delete;
    ~queued_alarm() override { cancel(); }

    void set(time_point when, std::function<void()> callback) override;
    void cancel() override;

private:
    friend alarm_queue;

    /// An expiry on its way to the alarm's executor; `whose` is nullptr if the alarm was set again or cancelled
    /// meanwhile.
    struct expiry {
        queued_alarm* whose;
    };
    static constexpr std::size_t nowhere = SIZE_MAX;

    void come();

    alarm_queue& queue_;
    asio::any_io_executor executor_;
    std::function<void()> callback_;
    time_point due_{};
    bool armed_ = false;  ///< In the queue, or posted to the executor.
    // Guarded by the queue's mutex; the time changes only on the alarm's executor, so that code there may read it.
    time_point queued_for_{};
    std::size_t place_ = nowhere;
    std::shared_ptr<expiry> on_its_way_;
};

}  // namespace echosocket
