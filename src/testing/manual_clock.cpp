#include <echosocket/testing.hpp>

#include <boost/asio/post.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace echosocket::testing {
namespace {

/// Shared by an alarm and its callbacks on their way to its executor. Everything but `executor` is used only on that
/// executor.
struct alarm_state {
    explicit alarm_state(asio::any_io_executor where) : executor(std::move(where)) {}

    const asio::any_io_executor executor;
    std::function<void()> callback;
    std::uint64_t setting = 0;  ///< The number of the last `set`; 0 if the alarm is not set.
};

struct due_alarm {
    std::shared_ptr<alarm_state> target;
    std::uint64_t setting = 0;

    void post() const {
        asio::post(target->executor, [*this] {
            if (target->setting != setting) return;  // cancelled or set again meanwhile
            target->setting = 0;
            auto callback = std::exchange(target->callback, nullptr);
            callback();
        });
    }
};

}  // namespace

class manual_clock::impl {
public:
    time_point now() const noexcept { return time_point(duration(now_.load())); }

    /// Numbers the settings, so that alarms of the same time run in the order in which they were set.
    std::uint64_t schedule(const std::shared_ptr<alarm_state>& target, time_point when) {
        const std::lock_guard lock(mutex_);
        const auto setting = ++settings_;
        if (when > now())
            waiting_.emplace(std::pair(when, setting), target);
        else
            due_alarm{target, setting}.post();
        return setting;
    }

    void forget(time_point when, std::uint64_t setting) {
        const std::lock_guard lock(mutex_);
        waiting_.erase(std::pair(when, setting));
    }

    void advance(duration by) {
        const std::lock_guard lock(mutex_);
        advance_to(now() + by);
    }

    bool advance_to_next() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return false;
        advance_to(waiting_.begin()->first.first);
        return true;
    }

    std::size_t alarms() const {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

private:
    void advance_to(time_point when) {
        now_.store(when.time_since_epoch().count());
        while (!waiting_.empty() && waiting_.begin()->first.first <= when) {
            auto first = waiting_.extract(waiting_.begin());
            due_alarm{std::move(first.mapped()), first.key().second}.post();
        }
    }

    mutable std::mutex mutex_;
    // Not the epoch: a time of zero must be far in the past, as it is on a real machine.
    std::atomic<duration::rep> now_ = duration(std::chrono::hours(24)).count();
    std::map<std::pair<time_point, std::uint64_t>, std::shared_ptr<alarm_state>> waiting_;
    std::uint64_t settings_ = 0;
};

namespace {

class manual_alarm final : public alarm {
public:
    manual_alarm(std::shared_ptr<manual_clock::impl> clock, asio::any_io_executor executor)
        : clock_(std::move(clock)), state_(std::make_shared<alarm_state>(std::move(executor))) {}
    manual_alarm(const manual_alarm&) = delete;
    manual_alarm& operator=(const manual_alarm&) = delete;
    ~manual_alarm() override { manual_alarm::cancel(); }

    void set(time_point when, std::function<void()> callback) override {
        cancel();
        when_ = when;
        state_->callback = std::move(callback);
        state_->setting = clock_->schedule(state_, when);
    }

    void cancel() override {
        const auto dropped = std::exchange(state_->callback, nullptr);  // destroyed last: it may own this alarm
        // Called even if the alarm is not set: `advance` posts under this lock, so afterwards it no longer uses the
        // executor.
        clock_->forget(when_, std::exchange(state_->setting, 0));
    }

private:
    std::shared_ptr<manual_clock::impl> clock_;
    std::shared_ptr<alarm_state> state_;
    time_point when_{};
};

}  // namespace

manual_clock::manual_clock() : impl_(std::make_shared<impl>()) {}
manual_clock::~manual_clock() = default;

time_point manual_clock::now() const noexcept {
    return impl_->now();
}

std::unique_ptr<alarm> manual_clock::make_alarm(asio::any_io_executor executor) {
    return std::make_unique<manual_alarm>(impl_, std::move(executor));
}

void manual_clock::advance(duration by) {
    impl_->advance(by);
}
bool manual_clock::advance_to_next() {
    return impl_->advance_to_next();
}
std::size_t manual_clock::alarms() const {
    return impl_->alarms();
}

}  // namespace echosocket::testing
