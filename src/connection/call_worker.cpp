#include "connection/call_worker.hpp"

#include "connection/connection.hpp"
#include "connection/incoming_calls.hpp"
#include "wire/meta.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace echosocket::net {

namespace {

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

failure cancelled_failure(errc reason) {
    failure why(reason, std::string(describe(reason)));
    why.started = true;
    return why;
}

}  // namespace

void call_reply::close_stream() {
    if (stream_ != nullptr) std::exchange(stream_, nullptr)->close();
}

void call_reply::succeed(std::string_view body, content_type type) {
    sent_ = true;
    close_stream();
    if (remembered_) keep(body, type);
    owner_.send_reply(id_, body, type);
}

void call_reply::succeed(std::string&& body, content_type type) {
    sent_ = true;
    close_stream();
    if (remembered_) keep(body, type);
    owner_.send_reply(id_, std::move(body), type);
}

void call_reply::fail(const failure& why) {
    sent_ = true;
    close_stream();
    if (remembered_) keep(why);
    owner_.send_error(id_, why);
}

void call_reply::keep(std::string_view body, content_type type) {
    memory_->keep(std::exchange(remembered_, nullptr), raw_reply{std::string(body), type}, owner_.now());
}

void call_reply::keep(const failure& why) {
    const auto call = std::exchange(remembered_, nullptr);
    const bool was_stopped = why.retryable || why.code == errc::cancelled || why.code == errc::deadline_exceeded ||
                             is_connection_error(why.code);
    was_stopped ? memory_->forget(call) : memory_->keep(call, why, owner_.now());
}

bool call_reply::next_call(std::string_view& body) {
    return worker_ != nullptr && worker_->go_on(body);
}

void call_reply::fail(const std::exception_ptr& thrown, std::string_view task, std::optional<errc> cancelled) {
    if (cancelled) return fail(cancelled_failure(*cancelled));
    const std::string text = text_of(thrown);
    owner_.log(log_level::error,
               "task " + wire::printable(task) + " failed with an exception: " + wire::printable(text, 1000));
    failure why(errc::task_failed, owner_.settings().send_exception_text
                                       ? text
                                       : "the task failed with an exception; the server's log has its text");
    why.started = true;
    fail(why);
}

echosocket::peer running_call::peer() const {
    return echosocket::peer(owner_.shared_from_this(), served_.deadline, served_.trace_id);
}
echosocket::clock& running_call::clock() const noexcept {
    return *owner_.settings().clock;
}
asio::any_io_executor running_call::executor() const {
    return owner_.executor();
}
unsigned running_call::max_nesting() const noexcept {
    return owner_.settings().limits.max_nesting;
}
void running_call::log(log_level level, std::string_view text) const {
    owner_.log(level, text);
}

call_worker::call_worker(incoming_calls& calls, request first)
    : running_call(calls.owner(), request_), calls_(calls), request_(std::move(first)), reply_(calls.owner(), this) {
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
        if (std::exchange(next_begun_, false)) continue;
        finish(thrown);
        if (cancelled_) co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        if (registered && owner_.output_is_full()) {
            calls_.hold(*this);
            co_await wake_.wait();
        }
        busy_ = false;
        calls_.finished(*this, cancelled_.has_value());

        if (calls_.next_for(*this, request_)) {
            begin();
            continue;
        }
        request_ = {};
        if (!calls_.keep_idle(*this)) break;
        co_await wake_.wait();
    }
}

asio::awaitable<void> call_worker::serve_once(task_context& context) {
    auto* memory = calls_.service().remembered();
    while (memory != nullptr) {
        owner_.refresh_now();
        auto claimed = memory->claim(request_.name, request_.idempotency_key, owner_.now());
        if (claimed.is_first) {
            reply_.remember(*memory, std::move(claimed.call));
            break;
        }
        if (claimed.outcome && *claimed.outcome) {
            auto& known = **claimed.outcome;
            co_return reply_.succeed(std::move(known.body), known.type);
        }
        if (claimed.outcome) co_return reply_.fail(claimed.outcome->error());
        // The same call runs already, for one who lost the connection perhaps: its result is this one's too.
        co_await memory->ended(std::move(claimed.call));
    }
    co_await request_.task->start(context, request_.body, reply_);
}

bool call_worker::go_on(std::string_view& body) {
    // More is to be done at the end of a call that suspended.
    if (registered) return false;
    busy_ = false;
    const auto* task = request_.task;
    if (!calls_.next_for(*this, request_)) return false;
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
    if (request_.stream) request_.stream->stop(cancelled_failure(reason));
    signal_.emit(asio::cancellation_type::all);
}

void call_worker::begin() {
    reply_.begin(request_.id, request_.stream.get());
    cancelled_.reset();
    answered_ = false;
    busy_ = true;
}

void call_worker::finish(const std::exception_ptr& thrown) {
    answered_ = true;
    if (thrown && !reply_.sent()) reply_.fail(thrown, request_.name, cancelled_);
}

}  // namespace echosocket::net
