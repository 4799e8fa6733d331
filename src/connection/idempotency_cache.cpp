#include "connection/idempotency_cache.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>

#include <utility>

namespace echosocket::net {

namespace {

std::size_t size_of(const idempotency_cache::call& done) {
    constexpr std::size_t bookkeeping = 256;
    const auto& outcome = *done.outcome;
    return bookkeeping + done.key.size() + (outcome ? outcome->body.size() : outcome.error().detail.size());
}

void end_all(std::list<idempotency_cache::call::waiter> waiters) {
    for (auto& each : waiters) each.waiting.complete(true);
}

}  // namespace

idempotency_cache::claimed idempotency_cache::claim(std::string_view task, std::string_view key, time_point now) {
    std::string name(task);
    name.append(1, '\0').append(key);
    const std::lock_guard lock(mutex_);
    drop_old(now);
    auto& known = calls_[name];
    if (known) return {known, false, known->outcome};
    known = std::make_shared<call>();
    known->key = std::move(name);
    return {known, true, std::nullopt};
}

void idempotency_cache::keep(const call_ptr& done, result<raw_reply> outcome, time_point now) {
    std::list<call::waiter> waiters;
    {
        const std::lock_guard lock(mutex_);
        done->outcome = std::move(outcome);
        done->kept_at = now;
        bytes_ += size_of(*done);
        done_.push_back(done);
        drop_old(now);
        while (!done_.empty() && (done_.size() > bounds_.calls || bytes_ > bounds_.bytes)) drop_oldest();
        waiters.swap(done->waiters);
    }
    end_all(std::move(waiters));
}

void idempotency_cache::forget(const call_ptr& undone) {
    std::list<call::waiter> waiters;
    {
        const std::lock_guard lock(mutex_);
        calls_.erase(undone->key);
        waiters.swap(undone->waiters);
    }
    end_all(std::move(waiters));
}

asio::awaitable<bool> idempotency_cache::ended(call_ptr running) {
    using waiting_for = async_completion<bool>;
    return waiting_for::suspend([this, running = std::move(running)](waiting_for waiting) {
        const std::lock_guard lock(mutex_);
        const auto known = calls_.find(running->key);
        if (running->outcome || known == calls_.end() || known->second != running) return waiting.complete_later(true);
        const auto ticket = ++last_ticket_;
        if (auto slot = waiting.slot(); slot.is_connected())
            slot.assign([this, running, ticket](asio::cancellation_type) { give_up(running, ticket); });
        running->waiters.push_back({ticket, std::move(waiting)});
    });
}

void idempotency_cache::give_up(const call_ptr& running, std::uint64_t ticket) {
    std::list<call::waiter> given_up;
    {
        const std::lock_guard lock(mutex_);
        auto& all = running->waiters;
        for (auto each = all.begin(); each != all.end(); ++each) {
            if (each->ticket != ticket) continue;
            given_up.splice(given_up.end(), all, each);
            break;
        }
    }
    for (auto& each : given_up) each.waiting.complete_later(false);
}

void idempotency_cache::drop_old(time_point now) {
    while (!done_.empty() && now - done_.front()->kept_at > bounds_.age) drop_oldest();
}

void idempotency_cache::drop_oldest() {
    bytes_ -= size_of(*done_.front());
    calls_.erase(done_.front()->key);
    done_.pop_front();
}

}  // namespace echosocket::net
