#include "connection/call_worker.hpp"

#include "connection/workers.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace echosocket::net {

namespace {

// What a JSON text comes to at most as a `json::value`: "[[0],[0]]" in eighteen times its bytes, and what has a bounded
// number of values, of which half are members without a name, in so many bytes for each.
constexpr std::size_t json_expansion = 20;
constexpr std::size_t bytes_of_json_value = 64;

}  // namespace

call_worker::call_worker(workers& pool, connection_context& context, request first)
    : running_call(context, request_), pool_(pool), request_(std::move(first)), reply_(context, this) {
    begin();
}

asio::awaitable<void> call_worker::run() {
    while (!leaving_) {
        std::exception_ptr thrown;
        try {
            task_context context(*this);
            if (request_.idempotency_key.empty()) {
                co_await request_.task->start(context, request_.body, reply_);
            } else {
                co_await serve_once(context);
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (thrown && !context_.on_strand()) co_await detail::come_back(context_.executor());
        if (std::exchange(next_begun_, false)) continue;
        finish(thrown);
        if (cancelled_) co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        busy_ = false;
        pool_.finished(*this, cancelled_.has_value());

        if (pool_.next_for(*this, request_)) {
            begin();
            continue;
        }
        request_ = {};
        if (!pool_.keep_idle(*this)) break;
        co_await wake_.wait();
    }
}

asio::awaitable<void> call_worker::serve_once(task_context& context) {
    auto* cache = context_.host().results_by_key();
    result<std::string> scope;
    if (cache != nullptr) scope = context_.host().key_scope(context_);
    if (!scope) {
        (void)reply_.fail(scope.error());
        co_return;
    }
    const keyed_call made{*scope, request_.name, request_.idempotency_key, request_.body, request_.type};
    while (cache != nullptr) {
        context_.refresh_now();
        auto found = cache->look_up(made, context_.engine().now());
        if (found.how == idempotency_cache::claim::first) {
            reply_.remember(*cache, std::move(found.call));
            break;
        }
        if (found.how != idempotency_cache::claim::running) {
            answer_from(std::move(found));
            co_return;
        }
        // The same call runs already, perhaps for a caller that lost its connection: its result is this one's too.
        co_await cache->ended(std::move(found.call));
    }
    co_await request_.task->start(context, request_.body, reply_);
}

void call_worker::answer_from(idempotency_cache::claimed known) {
    if (known.how == idempotency_cache::claim::misused) {
        (void)reply_.fail(failure(errc::bad_request,
                                  "this idempotency key belongs to a call with other arguments: a key is for one call, "
                                  "which is repeated with the same arguments"));
    } else if (auto& outcome = *known.outcome) {
        (void)reply_.succeed(std::move(outcome->body), outcome->type);
    } else {
        (void)reply_.fail(outcome.error());
    }
}

bool call_worker::go_on(std::string_view& body) {
    if (kept || request_.items) return false;  // more is to be done at the end of such a call
    busy_ = false;
    const auto* task = request_.task;
    if (!pool_.next_for(*this, request_)) return false;
    begin();
    body = request_.body;
    next_begun_ = request_.task != task || !request_.idempotency_key.empty();
    return !next_begun_;
}

void call_worker::serve(request next) {
    request_ = std::move(next);
    begin();
    wake_.notify();
}

void call_worker::leave() {
    leaving_ = true;
    wake_.notify();
}

void call_worker::cancel(errc reason) {
    if (!busy_ || answered_ || cancelled_) return;
    cancelled_ = reason;
    if (reason == errc::deadline_exceeded) reply_.set_overdue();
    if (request_.items) context_.guard([&] { request_.items->stop(cancelled_failure(reason)); });
    context_.host().callbacks().call("a cancellation handler", [this] { signal_.emit(asio::cancellation_type::all); });
}

void call_worker::hold_memory() noexcept {
    const auto size = request_.body.size();
    // One that came in pieces has been counted, once: its bytes go when they are decoded.
    held_ = request_.joined ? 0 : size;
    if (request_.task->reads_json(request_.type))
        held_ += std::min(size * json_expansion, context_.settings().limits.max_json_values * bytes_of_json_value);
    pins_block_ = static_cast<bool>(request_.block);
    if (pins_block_ && request_.block.pin()) context_.hold(request_.block.capacity());
    context_.hold(held_);
}

void call_worker::release_memory() noexcept {
    context_.release(std::exchange(held_, 0));
    if (std::exchange(pins_block_, false) && request_.block.unpin()) context_.release(request_.block.capacity());
}

void call_worker::arguments_are_read() noexcept {
    if (!request_.joined) return;
    request_.body = {};
    request_.joined->body = std::string();
}

void call_worker::begin() {
    reply_.begin(request_.id, request_.items.get());
    cancelled_.reset();
    answered_ = false;
    busy_ = true;
}

void call_worker::finish(const std::exception_ptr& thrown) noexcept {
    answered_ = true;
    context_.guard([&] {
        if (thrown && !reply_.sent()) reply_.fail(thrown, request_.name, cancelled_);
    });
    reply_.give_up();
    if (request_.items) context_.engine().close_stream(*request_.items);
}

void call_worker::died(const std::exception_ptr& thrown) noexcept {
    answered_ = true;
    reply_.give_up();
    if (request_.items) context_.engine().close_stream(*request_.items);
    if (std::exchange(busy_, false)) pool_.finished(*this, cancelled_.has_value());
    context_.broke(thrown);
}

}  // namespace echosocket::net
