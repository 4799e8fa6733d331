#include "connection/call_reply.hpp"

#include "connection/call_worker.hpp"
#include "wire/utf8.hpp"

#include <utility>

namespace echosocket::net {

failure cancelled_failure(errc reason) {
    failure why(reason, std::string(describe(reason)));
    why.started = true;
    return why;
}

// Nearly all replies are given inside the first step of their handler, which is known without looking for the strand.
inline bool call_reply::is_first_step() const noexcept {
    return worker_ == nullptr || worker_->is_in_first_step();
}

// A handler is not to hear of an answer that can't be given: the connection ends, and with it the call.
template <class Keep, class Give>
inline bool call_reply::answer(const Keep& keep_it, const Give& give) noexcept {
    if (!is_first_step() && !context_.on_strand()) return false;
    sent_ = true;
    context_.guard([&] {
        if (!is_plain_) [[unlikely]] {
            if (remembered_) keep_it();
            close_stream();
            if (overdue_) return answer_overdue();
        }
        give();
    });
    return true;
}

bool call_reply::succeed(std::string_view body, content_type type) {
    return answer([&] { keep(body, type); }, [&] { context_.engine().reply(id_, type, body); });
}

bool call_reply::succeed(std::string&& body, content_type type) {
    return answer([&] { keep(body, type); }, [&] { context_.engine().reply(id_, type, std::move(body)); });
}

bool call_reply::fail(const failure& why) {
    return answer([&] { keep(why); }, [&] { context_.engine().fail_call(id_, why); });
}

void call_reply::answer_overdue() {
    context_.engine().fail_call(id_, cancelled_failure(errc::deadline_exceeded));
}

// The call has taken effect: if there is no memory for its result, the next one has to hear that, and not run it again.
template <class Outcome>
void call_reply::keep_outcome(const idempotency_cache::call_ptr& call, Outcome outcome) noexcept {
    const auto now = context_.engine().now();
    try {
        try {
            cache_->keep(call, outcome(), now);
        } catch (...) {
            cache_->keep(call, out_of_memory(), now);
        }
    } catch (...) {
        cache_->forget(call);
    }
}

void call_reply::give_up() noexcept {
    if (!remembered_) return;
    const bool was_stopped = worker_ != nullptr && worker_->cancelled_for().has_value();
    if (was_stopped) return forget();
    keep_outcome(std::exchange(remembered_, nullptr), [] { return out_of_memory(); });
}

void call_reply::keep(std::string_view body, content_type type) {
    keep_outcome(std::exchange(remembered_, nullptr), [&] { return raw_reply{std::string(body), type}; });
}

void call_reply::keep(const failure& why) {
    // One that was stopped did not come to its end. A task that answers `cancelled` by itself did.
    const bool was_stopped = worker_ != nullptr && worker_->cancelled_for().has_value();
    if (was_stopped || why.retryable) return forget();
    keep_outcome(std::exchange(remembered_, nullptr), [&] { return why; });
}

bool call_reply::next_call(std::string_view& body) {
    return worker_ != nullptr && worker_->go_on(body);
}

void call_reply::fail(const std::exception_ptr& thrown, std::string_view task, std::optional<errc> cancelled) {
    if (cancelled) return (void)fail(cancelled_failure(*cancelled));
    const std::string text = text_of(thrown);
    context_.host().callbacks().count_exception();
    context_.log_some(log_limits::kind::task_threw, log_level::error, [&] {
        return "task " + wire::printable(task) + " failed with an exception: " + wire::printable(text, 1000);
    });
    failure why(errc::task_failed, context_.settings().send_exception_text
                                       ? text
                                       : "the task failed with an exception; the server's log has its text");
    why.started = true;
    why.origin = failure_origin::task;
    (void)fail(why);
}

}  // namespace echosocket::net
