#include "connection/notification_handlers.hpp"

#include "connection/call_reply.hpp"
#include "connection/running_call.hpp"
#include "connection/workload.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace echosocket::net {

namespace {

/// What a handler of a notification may ask about it.
class notification_environment final : public running_call {
public:
    notification_environment(connection_context& context, std::string_view topic, std::string_view trace_id,
                             echosocket::content_type type, const bool& cancelled)
        : running_call(context, request_), cancelled_by_(cancelled) {
        request_.name = topic;
        request_.trace_id = trace_id;
        request_.type = type;
    }
    [[nodiscard]] bool cancelled() const noexcept override { return cancelled_by_; }

private:
    request request_;
    const bool& cancelled_by_;
};

/// Nobody waits for what became of a notification; the log is told of failures.
class no_reply final : public detail::reply_sink {
public:
    /// Of arguments that do not fit the log is told once: they are the sender's fault, who may send many.
    no_reply(connection_context& context, std::string_view topic, bool& told_of_misfits)
        : context_(context), topic_(topic), told_of_misfits_(told_of_misfits) {}

    bool succeed(std::string_view, content_type) override { return context_.on_strand(); }
    bool succeed(std::string&&, content_type) override { return context_.on_strand(); }
    bool fail(const failure& why) override {
        if (!context_.on_strand()) return false;
        const bool misfit = why.code == errc::bad_request;
        log(misfit && told_of_misfits_ ? log_level::debug : log_level::warning, why.message());
        told_of_misfits_ |= misfit;
        return true;
    }
    void threw(const std::exception_ptr& what) noexcept {
        context_.host().callbacks().count_exception();
        try {
            log(log_level::error, text_of(what));
        } catch (...) {  // no memory for the line
        }
    }

private:
    void log(log_level level, std::string_view why) {
        context_.log_some(log_limits::kind::notification_failed, level, [&] {
            return "the handler of notifications of topic " + wire::printable(topic_) +
                   " failed: " + wire::printable(why, 1000);
        });
    }

    connection_context& context_;
    std::string_view topic_;
    bool& told_of_misfits_;
};

}  // namespace

void notification_handlers::take(detail::task& listener, const protocol::event& what) {
    if (ending_) return;
    if (cancelled_) {
        context_.engine().handled(what.cost);
        return;
    }
    if (!running_ && !listener.may_suspend(what.body.size())) {
        run_in_place(listener, what);
        context_.engine().handled(what.cost);
        return;
    }
    queue_.push_back(
        {&listener, std::string(what.name), std::string(what.trace_id), what.type, std::string(what.body), what.cost});
    context_.hold(what.cost);
    // What the other end says although it knows that this end leaves is handled, but no drain waits for it: it might
    // say something new for ever.
    if (!context_.engine().is_known_to_leave()) owe_one_more();
    if (!running_) start_worker();
}

void notification_handlers::owe_one_more() {
    if (owed_++ != 0) return;
    context_.engine().hold_open(true);
    context_.host().work().handler_begins();
}

void notification_handlers::settle(std::size_t left) {
    if (owed_ == left) return;
    owed_ = left;
    if (left != 0) return;
    context_.host().work().handler_ended();
    context_.refresh_now();
    context_.engine().hold_open(false);
    context_.flush_soon();
}

void notification_handlers::run_in_place(detail::task& listener, const protocol::event& what) {
    const bool never = false;
    notification_environment environment(context_, what.name, what.trace_id, what.type, never);
    no_reply reply(context_, what.name, told_of_misfits_);
    try {
        task_context context(environment);
        listener.run(context, what.body, reply);
    } catch (...) {
        reply.threw(std::current_exception());
    }
}

void notification_handlers::start_worker() {
    running_ = true;
    auto ended = [this, keep = context_.shared_from_this()](const std::exception_ptr& thrown) {
        if (thrown) context_.broke(thrown);
        context_.guard([this] { worker_ended(); });
    };
    try {
        asio::co_spawn(context_.executor(), handle_queued(),
                       asio::bind_cancellation_slot(signal_.slot(), std::move(ended)));
    } catch (...) {
        running_ = false;
        settle(0);
        ended_.notify();
        throw;
    }
}

void notification_handlers::worker_ended() {
    running_ = false;
    give_back();  // if something was thrown that is not the handler's
    // Asio posts this if no handler suspended: more may have come since.
    if (!queue_.empty()) return start_worker();
    settle(0);
    ended_.notify();
}

asio::awaitable<void> notification_handlers::handle_queued() {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!queue_.empty()) {
        const pending_notification next = std::move(queue_.front());
        queue_.pop_front();
        in_hand_ = next.cost;
        co_await handle(next);
        give_back();
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        settle(owed_ == 0 ? 0 : owed_ - 1);
    }
}

asio::awaitable<void> notification_handlers::handle(const pending_notification& what) {
    notification_environment environment(context_, what.topic, what.trace_id, what.type, cancelled_);
    no_reply reply(context_, what.topic, told_of_misfits_);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(true);
    std::exception_ptr thrown;
    try {
        task_context context(environment);
        co_await what.listener->start(context, what.body, reply);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown && !context_.on_strand()) co_await detail::come_back(context_.executor());
    if (thrown && !cancelled_) reply.threw(thrown);
    co_await asio::this_coro::throw_if_cancelled(false);
}

void notification_handlers::give_back() {
    const auto cost = std::exchange(in_hand_, 0);
    context_.release(cost);
    if (context_.engine().handled(cost)) context_.flush_soon();
}

void notification_handlers::cancel() {
    if (std::exchange(cancelled_, true)) return;
    for (const auto& waiting : queue_) {
        context_.release(waiting.cost);
        context_.engine().handled(waiting.cost);
    }
    queue_.clear();
    settle(running_ && owed_ != 0 ? 1 : 0);
    if (!running_) return;
    context_.host().callbacks().call("a cancellation handler", [this] { signal_.emit(asio::cancellation_type::all); });
}

asio::awaitable<void> notification_handlers::end() {
    ending_ = true;
    // What was said before an orderly end is still handled, in the time of the drain.
    if (!context_.engine().is_leaving()) cancel();
    while (running_) co_await ended_.wait();
}

}  // namespace echosocket::net
