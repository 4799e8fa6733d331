#include "time/alarm_queue.hpp"

#include "async/strand.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <utility>

namespace echosocket {

alarm_queue& alarm_queue::of(const asio::any_io_executor& executor) {
    auto& queue = asio::use_service<alarm_queue>(asio::query(executor, asio::execution::context));
    queue.start(executor);
    return queue;
}

void alarm_queue::start(const asio::any_io_executor& executor) {
    const std::lock_guard lock(mutex_);
    if (!timer_) timer_.emplace(net::beneath_strand(executor));
}

void alarm_queue::shutdown() {
    const std::lock_guard lock(mutex_);
    timer_.reset();
}

void alarm_queue::put(queued_alarm& what, time_point when) {
    const std::lock_guard lock(mutex_);
    if (auto way = std::exchange(what.on_its_way_, nullptr)) way->whose = nullptr;
    what.queued_for_ = when;
    if (what.place_ == queued_alarm::nowhere) {
        heap_.push_back(nullptr);
        place(&what, heap_.size() - 1);
    }
    move_up(what.place_);
    move_down(what.place_);
    arm_for_first();
}

void alarm_queue::take(queued_alarm& what) {
    const std::lock_guard lock(mutex_);
    if (auto way = std::exchange(what.on_its_way_, nullptr)) way->whose = nullptr;
    if (what.place_ != queued_alarm::nowhere) erase(what.place_);
    if (heap_.empty()) arm_for_first();  // a timer that fires too early costs less than moving it
}

void alarm_queue::place(queued_alarm* what, std::size_t at) {
    heap_[at] = what;
    what->place_ = at;
}

void alarm_queue::move_up(std::size_t at) {
    auto* const what = heap_[at];
    for (; at != 0 && what->queued_for_ < heap_[(at - 1) / 2]->queued_for_; at = (at - 1) / 2)
        place(heap_[(at - 1) / 2], at);
    place(what, at);
}

void alarm_queue::move_down(std::size_t at) {
    auto* const what = heap_[at];
    for (;;) {
        auto child = 2 * at + 1;
        if (child + 1 < heap_.size() && heap_[child + 1]->queued_for_ < heap_[child]->queued_for_) ++child;
        if (child >= heap_.size() || what->queued_for_ <= heap_[child]->queued_for_) break;
        place(heap_[child], at);
        at = child;
    }
    place(what, at);
}

void alarm_queue::erase(std::size_t at) {
    heap_[at]->place_ = queued_alarm::nowhere;
    auto* const last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    place(last, at);
    move_up(at);
    move_down(last->place_);
}

// Waits only while an alarm is queued, so that the context can run out of work.
void alarm_queue::arm_for_first() {
    const auto first = heap_.empty() ? time_point::max() : heap_.front()->queued_for_;
    if (!timer_ || (heap_.empty() ? armed_for_ == first : armed_for_ <= first)) return;
    armed_for_ = first;
    if (heap_.empty()) {
        timer_->cancel();
        return;
    }
    timer_->expires_at(first);
    timer_->async_wait([this](boost::system::error_code error) {
        if (!error) expired();
    });
}

void alarm_queue::expired() {
    std::vector<std::pair<asio::any_io_executor, std::shared_ptr<queued_alarm::expiry>>> come;
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        while (!heap_.empty() && heap_.front()->queued_for_ <= now) {
            auto& first = *heap_.front();
            erase(0);
            first.on_its_way_ = std::make_shared<queued_alarm::expiry>(&first);
            come.emplace_back(first.executor_, first.on_its_way_);
        }
        armed_for_ = time_point::max();
        arm_for_first();
    }
    for (auto& [executor, way] : come) {
        asio::post(executor, [way = std::move(way)] {
            if (way->whose != nullptr) way->whose->come();
        });
    }
}

void queued_alarm::set(time_point when, std::function<void()> callback) {
    callback_ = std::move(callback);
    due_ = when;
    if (armed_ && queued_for_ <= when) return;
    armed_ = true;
    queue_.put(*this, when);
}

void queued_alarm::cancel() {
    const auto dropped = std::exchange(callback_, nullptr);  // destroyed last: it may own this alarm
    if (std::exchange(armed_, false)) queue_.take(*this);
}

void queued_alarm::come() {
    armed_ = false;
    if (std::chrono::steady_clock::now() < due_) return set(due_, std::exchange(callback_, nullptr));
    on_its_way_.reset();
    std::exchange(callback_, nullptr)();
}

}  // namespace echosocket
