#include "connection/call_reply.hpp"

#include "connection/call_worker.hpp"
#include "wire/utf8.hpp"

#include <utility>

namespace echosocket::net {

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

// Nearly all replies are given inside the first step of their handler, which is known without looking for the strand.
inline bool call_reply::is_first_step() const noexcept {
    return worker_ == nullptr || worker_->is_in_first_step();
}

bool call_reply::succeed(std::string_view body, content_type type) {
    if (!is_first_step() && !context_.on_strand()) return false;
    sent_ = true;
    close_stream();
    if (remembered_) keep(body, type);
    if (overdue_) [[unlikely]] {
        answer_overdue();
    } else {
        context_.engine().reply(id_, type, body);
    }
    return true;
}

bool call_reply::succeed(std::string&& body, content_type type) {
    if (!is_first_step() && !context_.on_strand()) return false;
    sent_ = true;
    close_stream();
    if (remembered_) keep(body, type);
    if (overdue_) [[unlikely]] {
        answer_overdue();
    } else {
        context_.engine().reply(id_, type, std::move(body));
    }
    return true;
}

bool call_reply::fail(const failure& why) {
    if (!is_first_step() && !context_.on_strand()) return false;
    sent_ = true;
    close_stream();
    if (remembered_) keep(why);
    if (overdue_) {
        answer_overdue();
    } else {
        context_.engine().fail_call(id_, why);
    }
    return true;
}

void call_reply::answer_overdue() {
    context_.engine().fail_call(id_, cancelled_failure(errc::deadline_exceeded));
}

void call_reply::keep(std::string_view body, content_type type) {
    cache_->keep(std::exchange(remembered_, nullptr), raw_reply{std::string(body), type}, context_.engine().now());
}

void call_reply::keep(const failure& why) {
    const auto call = std::exchange(remembered_, nullptr);
    // One that was stopped did not come to its end. A task that answers `cancelled` by itself did.
    const bool was_stopped = worker_ != nullptr && worker_->cancelled_for().has_value();
    was_stopped || why.retryable ? cache_->forget(call) : cache_->keep(call, why, context_.engine().now());
}

bool call_reply::next_call(std::string_view& body) {
    return worker_ != nullptr && worker_->go_on(body);
}

void call_reply::fail(const std::exception_ptr& thrown, std::string_view task, std::optional<errc> cancelled) {
    if (cancelled) return (void)fail(cancelled_failure(*cancelled));
    const std::string text = text_of(thrown);
    context_.log(log_level::error,
                 "task " + wire::printable(task) + " failed with an exception: " + wire::printable(text, 1000));
    failure why(errc::task_failed, context_.settings().send_exception_text
                                       ? text
                                       : "the task failed with an exception; the server's log has its text");
    why.started = true;
    why.origin = failure_origin::task;
    (void)fail(why);
}

}  // namespace echosocket::net
