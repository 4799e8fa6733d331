#include "simulation/clock.hpp"

#include "simulation/context.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace echosocket::testing {

namespace {

/// Shared by an alarm and by what is on its way to the alarm's executor.
struct simulated_setting {
    explicit simulated_setting(asio::any_io_executor where) : executor(std::move(where)) {}

    const asio::any_io_executor executor;
    std::function<void()> callback;
    std::optional<simulation_context::timer_key> timer;
    std::uint64_t number = 0;  // of the last time that it was set or cancelled
};

class simulated_alarm final : public alarm {
public:
    simulated_alarm(simulation_context& context, asio::any_io_executor executor)
        : context_(context), setting_(std::make_shared<simulated_setting>(std::move(executor))) {}
    simulated_alarm(const simulated_alarm&) = delete;
    simulated_alarm& operator=(const simulated_alarm&) = delete;
    ~simulated_alarm() override { simulated_alarm::cancel(); }

    void set(time_point when, std::function<void()> callback) override {
        cancel();
        setting_->callback = std::move(callback);
        setting_->timer = context_.at(when, [setting = setting_, number = setting_->number] {
            if (setting->number != number) return;  // cancelled or set again meanwhile
            setting->timer.reset();
            asio::post(setting->executor, [setting, number] {
                if (setting->number != number) return;
                std::exchange(setting->callback, nullptr)();
            });
        });
    }

    void cancel() override {
        const auto dropped = std::exchange(setting_->callback, nullptr);  // destroyed last: it may own this alarm
        ++setting_->number;
        if (const auto timer = std::exchange(setting_->timer, std::nullopt)) context_.cancel_timer(*timer);
    }

private:
    simulation_context& context_;
    const std::shared_ptr<simulated_setting> setting_;
};

}  // namespace

time_point simulated_clock::now() const noexcept {
    return context_.now();
}

std::unique_ptr<alarm> simulated_clock::make_alarm(asio::any_io_executor executor) {
    return std::make_unique<simulated_alarm>(context_, std::move(executor));
}

}  // namespace echosocket::testing
