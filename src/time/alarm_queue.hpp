// The alarms of one execution context: a heap of them over one timer, as thousands of idle connections keep one each.
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

/// Thread safety: all of it.
/// Lifetime: the execution context's; no alarm outlives it.
class alarm_queue final : public asio::execution_context::service {
public:
    using key_type = alarm_queue;
    static inline asio::execution_context::id id;

    explicit alarm_queue(asio::execution_context& context) : service(context) {}
    /// The queue of the context that `executor` belongs to.
    [[nodiscard]] static alarm_queue& of(const asio::any_io_executor& executor);

    /// Queues `what` for `when`, in place of what it was queued for or handed to its executor for before.
    void put(queued_alarm& what, time_point when);
    /// `what` does not expire any more, even if it has been handed to its executor.
    void take(queued_alarm& what);

private:
    // A binary heap whose alarms know their places, so that each can be moved and taken out.
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

/// An alarm that is moved ahead again and again, as one for idleness is, leaves the queue alone: it comes too early
/// then, and is put there again.
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

    /// An expiry on its way to the alarm's executor; what is taken back meanwhile has no alarm any more.
    struct expiry {
        queued_alarm* whose;
    };
    static constexpr std::size_t nowhere = SIZE_MAX;

    void come();

    alarm_queue& queue_;
    asio::any_io_executor executor_;
    std::function<void()> callback_;
    time_point due_{};
    bool armed_ = false;  ///< Queued, or on its way.
    // Guarded by the queue's mutex; the time changes on the alarm's executor only, so that one may read it.
    time_point queued_for_{};
    std::size_t place_ = nowhere;
    std::shared_ptr<expiry> on_its_way_;
};

}  // namespace echosocket
