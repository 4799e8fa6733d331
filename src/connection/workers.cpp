#include "connection/workers.hpp"

#include "connection/dispatcher.hpp"
#include "connection/workload.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace echosocket::net {

namespace {

// Idle workers kept for the next calls, beyond as many as there are running ones.
constexpr std::size_t always_kept = 8;

}  // namespace

void workers::start(request r) {
    call_worker* worker = nullptr;
    if (idle_.empty()) {
        auto fresh = std::make_unique<call_worker>(*this, context_, std::move(r));
        worker = leader_ = fresh.get();
        worker->begin_first_step();
        spawn(std::move(fresh));
    } else {
        worker = leader_ = idle_.back();
        idle_.pop_back();
        worker->begin_first_step();
        worker->serve(std::move(r));
    }
    worker->end_first_step();
    leader_ = nullptr;
    if (worker->busy()) keep(*worker);
}

void workers::keep(call_worker& worker) {
    try {
        context_.engine().keep(worker.id(), &worker, worker.due());
    } catch (...) {
        worker.cancel(errc::connection_lost);
        throw;
    }
    worker.kept = true;
    worker.hold_memory();
    context_.set_running(context_.engine().running() + unread_answers_);
    context_.host().work().call_begins();
    if (calls_from_address_ != nullptr) calls_from_address_->fetch_add(1, std::memory_order_relaxed);
    if (ending_) connection_lost(worker);
}

void workers::call_left_address() noexcept {
    if (calls_from_address_ != nullptr) calls_from_address_->fetch_sub(1, std::memory_order_relaxed);
}

void workers::slots_freed() {
    for (; unread_answers_ != 0; --unread_answers_) {
        context_.host().work().call_ended();
        call_left_address();
    }
    context_.set_running(context_.engine().running());
}

// A list of its own: a handler that ends at once takes its call out of the engine's.
std::vector<call_worker*> workers::running() {
    std::vector<call_worker*> all;
    all.reserve(context_.engine().running());
    context_.engine().each_kept([&all](void* handler) { all.push_back(static_cast<call_worker*>(handler)); });
    return all;
}

void workers::connection_ended() {
    slots_freed();
    for (auto* worker : running()) connection_lost(*worker);
}

void workers::connection_lost(call_worker& worker) {
    if (!worker.is_remembered()) return worker.cancel(errc::connection_lost);
    if (!orphans_) orphans_ = std::make_unique<std::map<const call_worker*, orphaned_calls::orphan_ptr>>();
    auto& its_place = (*orphans_)[&worker];
    if (!its_place) its_place = context_.host().orphans()->adopt(context_, worker);
}

void workers::cancel_all() {
    for (auto* worker : running()) worker->cancel(errc::cancelled);
}

asio::awaitable<void> workers::end() {
    ending_ = true;
    connection_ended();
    for (auto* worker : std::exchange(idle_, {})) worker->leave();
    while (alive_ != 0) co_await all_ended_.wait();
}

void workers::context_goes() {
    for (auto* worker : std::exchange(idle_, {})) worker->drop();
    all_ended_.drop();
}

bool workers::next_for(const call_worker& worker, request& next) noexcept {
    return leader_ == &worker && !ending_ && source_.next_request(next);
}

void workers::finished(call_worker& worker, bool was_cancelled) noexcept {
    if (!worker.kept) return;
    worker.kept = false;
    worker.release_memory();
    if (orphans_) orphans_->erase(&worker);
    auto& engine = context_.engine();
    if (engine.running() == 1) context_.refresh_now();  // from here on the connection may be idle
    const bool has_room = engine.release(worker.id());
    if (has_room) call_left_address();
    if (!has_room) ++unread_answers_;
    context_.set_running(engine.running() + unread_answers_);
    context_.flush_soon();
    auto& work = context_.host().work();
    if (work.is_stopping()) work.count_drained(was_cancelled);
    work.handler_of_call_ended(has_room);
}

bool workers::keep_idle(call_worker& worker) noexcept {
    if (ending_) return false;
    // After a burst both the worker that ends and one more go, so that the pool follows the load down.
    if (idle_.size() >= std::max(always_kept, context_.engine().running())) {
        dismiss_idle_worker();
        return false;
    }
    try {
        idle_.push_back(&worker);
    } catch (...) {  // no memory: one idle worker less
        return false;
    }
    return true;
}

void workers::dismiss_idle_worker() {
    call_worker* surplus = idle_.back();
    idle_.pop_back();
    surplus->leave();
}

void workers::spawn(std::unique_ptr<call_worker> worker) {
    call_worker& w = *worker;
    auto ended = [this, keep = context_.shared_from_this(),
                  worker = std::move(worker)](const std::exception_ptr& thrown) mutable {
        if (thrown) worker->died(thrown);
        // The coroutine still has its hands on the worker's cancellation signal: it goes a turn later.
        asio::post(keep->executor(), [worker = std::move(worker)] {});
        worker_ended();
    };
    ++alive_;
    try {
        asio::co_spawn(context_.executor(), w.run(), asio::bind_cancellation_slot(w.slot(), std::move(ended)));
    } catch (...) {  // the worker is gone
        leader_ = nullptr;
        worker_ended();
        throw;
    }
}

void workers::worker_ended() {
    if (--alive_ == 0 && ending_) all_ended_.notify();
}

}  // namespace echosocket::net
