#include "connection/workload.hpp"

#include <utility>

namespace echosocket::net {

void workload::stop(std::function<void()> all_ended) {
    std::vector<waiter_ptr> waited;
    {
        const std::lock_guard lock(mutex_);
        auto all = all_ended_ ? std::make_shared<told>(*all_ended_) : std::make_shared<told>();
        all->push_back(std::move(all_ended));
        all_ended_ = std::move(all);
        stopping_.store(true, std::memory_order_release);
        waited.swap(waiting_);
    }
    for (const auto& who : waited) who->waiting.complete_later(true);
}

void workload::tell_all_ended() noexcept {
    std::shared_ptr<const told> all;
    {
        const std::lock_guard lock(mutex_);
        all = all_ended_;
    }
    for (const auto& all_ended : *all) {
        try {
            all_ended();
        } catch (...) {  // no memory to tell it: the time of the drain runs out instead
        }
    }
}

asio::awaitable<bool> workload::until_stopping() {
    using completion = async_completion<bool>;
    return completion::suspend([this](completion waiting) {
        auto slot = waiting.slot();
        auto who = std::make_shared<waiter>(waiter{std::move(waiting)});
        if (slot.is_connected()) {
            slot.assign([this, given_up = std::weak_ptr(who)](asio::cancellation_type) {
                if (const auto left = given_up.lock()) give_up(left);
            });
        }
        wait(std::move(who));
    });
}

void workload::wait(waiter_ptr who) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_stopping()) return waiting_.push_back(std::move(who));
    }
    who->waiting.complete_later(true);
}

void workload::give_up(const waiter_ptr& who) {
    {
        const std::lock_guard lock(mutex_);
        if (std::erase(waiting_, who) == 0) return;
    }
    who->waiting.complete_later(false);
}

void workload::context_goes() noexcept {
    std::vector<waiter_ptr> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
}

}  // namespace echosocket::net
