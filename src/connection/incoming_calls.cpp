#include "connection/incoming_calls.hpp"

#include "connection/connection.hpp"

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

// What a deadline here may be later than the caller's own: the request was on its way for longer than the CANCEL.
constexpr std::chrono::seconds about_due{1};

/// The environment of a call that ends before anything else happens: nothing can cancel it.
class call_in_place final : public running_call {
public:
    using running_call::running_call;
};

}  // namespace

void incoming_calls::serve_in_place(const request& r) {
    call_in_place call(owner_, r);
    call_reply reply(owner_);
    reply.begin(r.id);
    try {
        task_context context(call);
        r.task->run(context, r.body, reply);
    } catch (...) {
        if (!reply.sent()) reply.fail(std::current_exception(), r.name, std::nullopt);
    }
}

void incoming_calls::start(request r) {
    call_worker* worker = nullptr;
    if (idle_.empty()) {
        auto fresh = std::make_unique<call_worker>(*this, std::move(r));
        worker = leader_ = fresh.get();
        spawn(std::move(fresh));
    } else {
        worker = leader_ = idle_.back();
        idle_.pop_back();
        worker->serve(std::move(r));
    }
    leader_ = nullptr;
    if (!worker->busy()) return;

    worker->registered = true;
    running_.insert(worker->id(), worker, worker->due());
    service_.enter_call();
    owner_.set_running(running_.size());
    if (worker->due()) owner_.wake_at(*worker->due());
    if (ending_ && !outlives(*worker)) worker->cancel(errc::connection_lost);
}

bool incoming_calls::has_room() const noexcept {
    return running_.size() < owner_.settings().limits.max_calls && service_.has_room();
}

void incoming_calls::cancel(std::uint32_t id, errc reason) {
    if (auto* worker = running_.find(id)) (*worker)->cancel(reason);
}

void incoming_calls::cancel_all(errc reason) {
    // A list of its own: a handler that ends at once takes its call out of the table.
    std::vector<call_worker*> all;
    all.reserve(running_.size());
    running_.for_each([&all](std::uint32_t, call_worker* worker) { all.push_back(worker); });
    for (auto* worker : all)
        if (reason != errc::connection_lost || !outlives(*worker)) worker->cancel(reason);
}

bool incoming_calls::outlives(const call_worker& worker) noexcept {
    return worker.outlives_connection() && service_.remembered() != nullptr;
}

std::shared_ptr<call_stream> incoming_calls::stream_of(std::uint32_t id) {
    auto* worker = running_.find(id);
    return worker != nullptr ? (*worker)->items() : nullptr;
}

void incoming_calls::expire(time_point now) {
    while (auto id = running_.next_expired(now)) {
        ++expired_;
        cancel(*id, errc::deadline_exceeded);
    }
}

bool incoming_calls::takes_for_timeout(std::uint32_t id, time_point now) {
    if (auto* worker = running_.find(id)) return (*worker)->due() && *(*worker)->due() <= now + about_due;
    if (expired_ == 0) return false;
    --expired_;
    return true;
}

void incoming_calls::release_held() {
    for (auto* worker : std::exchange(held_, {})) worker->release();
}

asio::awaitable<void> incoming_calls::end(errc reason) {
    ending_ = true;
    cancel_all(reason);
    release_held();
    for (auto* worker : std::exchange(idle_, {})) worker->leave();
    while (workers_ != 0) co_await all_ended_.wait();
}

bool incoming_calls::next_for(const call_worker& worker, request& next) {
    return leader_ == &worker && !ending_ && owner_.next_request(next);
}

void incoming_calls::finished(call_worker& worker, bool was_cancelled) {
    if (!worker.registered) return;
    worker.registered = false;
    running_.take(worker.id());
    service_.leave_call();
    owner_.call_ended(was_cancelled);
    owner_.set_running(running_.size());
}

bool incoming_calls::keep_idle(call_worker& worker) {
    if (ending_) return false;
    // After a burst both the worker that ends and one more go, so that the pool follows the load down.
    if (idle_.size() >= std::max(always_kept, running_.size())) {
        dismiss_idle_worker();
        return false;
    }
    idle_.push_back(&worker);
    return true;
}

void incoming_calls::dismiss_idle_worker() {
    call_worker* surplus = idle_.back();
    idle_.pop_back();
    surplus->leave();
}

void incoming_calls::spawn(std::unique_ptr<call_worker> worker) {
    ++workers_;
    call_worker& w = *worker;
    auto ended = [this, keep = owner_.shared_from_this(), worker = std::move(worker)](std::exception_ptr) mutable {
        // The coroutine still has its hands on the worker's cancellation signal: it goes a turn later.
        asio::post(keep->executor(), [worker = std::move(worker)] {});
        worker_ended();
    };
    asio::co_spawn(owner_.executor(), w.run(), asio::bind_cancellation_slot(w.slot(), std::move(ended)));
}

void incoming_calls::worker_ended() {
    if (--workers_ == 0 && ending_) all_ended_.notify();
}

}  // namespace echosocket::net
