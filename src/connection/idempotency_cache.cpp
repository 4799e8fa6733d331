#include "connection/idempotency_cache.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>

#include <functional>
#include <utility>

namespace echosocket::net {

namespace {

std::size_t size_of(const idempotency_cache::call& done) {
    constexpr std::size_t bookkeeping = 256;
    const auto& outcome = *done.outcome;
    return bookkeeping + done.name.size() + (outcome ? outcome->body.size() : outcome.error().detail.size());
}

/// With the length of each part before it, since any byte may stand in them.
std::string full_name_of(const keyed_call& made) {
    std::string name;
    for (const auto part : {made.scope, made.task})
        name.append(std::to_string(part.size())).append(1, ':').append(part);
    return name.append(made.key);
}

std::size_t hash_of_arguments(const keyed_call& made) noexcept {
    return std::hash<std::string_view>()(made.body) * 31 + static_cast<std::size_t>(made.type);
}

void end_all(std::list<idempotency_cache::call::waiter> waiters) {
    for (auto& each : waiters) each.waiting.complete(true);
}

}  // namespace

idempotency_cache::claimed idempotency_cache::look_up(const keyed_call& made, time_point now) {
    auto fresh = std::make_shared<call>();
    fresh->name = full_name_of(made);
    fresh->arguments = hash_of_arguments(made);
    const std::lock_guard lock(mutex_);
    drop_old(now);
    const auto [at, is_new] = calls_.try_emplace(fresh->name, fresh);
    if (is_new) return {claim::first, std::move(fresh), std::nullopt};
    const auto& known = at->second;
    if (known->arguments != fresh->arguments) return {claim::misused, nullptr, std::nullopt};
    return {known->outcome ? claim::done : claim::running, known, known->outcome};
}

void idempotency_cache::keep(const call_ptr& done, result<raw_reply> outcome, time_point now) {
    std::list<call::waiter> waiters;
    {
        const std::lock_guard lock(mutex_);
        done_.push_back(done);
        done->outcome = std::move(outcome);
        done->kept_at = now;
        bytes_ += size_of(*done);
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
        calls_.erase(undone->name);
        waiters.swap(undone->waiters);
    }
    end_all(std::move(waiters));
}

void idempotency_cache::clear() {
    std::list<call::waiter> let_go;  // once the mutex is free
    const std::lock_guard lock(mutex_);
    for (auto& [name, known] : calls_) let_go.splice(let_go.end(), known->waiters);
    calls_.clear();
    done_.clear();
    bytes_ = 0;
}

asio::awaitable<bool> idempotency_cache::ended(call_ptr running) {
    using waiting_for = async_completion<bool>;
    return waiting_for::suspend([this, running = std::move(running)](waiting_for waiting) {
        const std::lock_guard lock(mutex_);
        const auto known = calls_.find(running->name);
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
    calls_.erase(done_.front()->name);
    done_.pop_front();
}

}  // namespace echosocket::net
