// Where one coroutine waits for another on the same strand, and from which it is resumed without a hop.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cassert>
#include <optional>
#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// A suspension point for one coroutine at a time, used any number of times.
///
/// Thread safety: none; `wait`, `notify` and the emission of cancellation all happen on the waiting coroutine's strand.
/// Cancellation: terminal, partial, total; `wait` throws `operation_aborted`, resumed through its executor.
/// Lifetime: not destroyed or moved while a coroutine waits.
class waiter {
public:
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter() { assert(!handler_); }

    /// Suspends until `notify()`; returns at once where that came first. Await it where it is called.
    [[nodiscard]] asio::awaitable<void> wait() {
        if (std::exchange(notified_, false)) return already_notified();
        return asio::async_initiate<const asio::use_awaitable_t<>, signature>(start{this}, asio::use_awaitable);
    }

    /// Resumes the waiting coroutine inside this call, up to its next suspension. Where nobody waits, the next `wait()`
    /// returns at once; that is remembered once.
    void notify() {
        if (!handler_) {
            notified_ = true;
            return;
        }
        auto resume = take();  // out of the way first: the coroutine may wait here again before it returns
        resume(boost::system::error_code{});
    }

    [[nodiscard]] bool waiting() const noexcept { return handler_.has_value(); }

private:
    using signature = void(boost::system::error_code);
    // The concrete handler, since asio::any_completion_handler of Boost 1.81 recurses without end when it is moved; it
    // can take this one's place from Boost 1.82 on.
    using handler = asio::async_result<asio::use_awaitable_t<>, signature>::handler_type;

    struct start {
        waiter* self;
        void operator()(handler&& resume) const { self->suspend(std::move(resume)); }
    };

    struct abort {
        waiter* self;
        void operator()(asio::cancellation_type) const { self->cancel(); }
    };

    static asio::awaitable<void> already_notified() { co_return; }

    void suspend(handler&& resume) {
        assert(!handler_ && "one coroutine at a time");
        if (std::exchange(notified_, false)) return resume(boost::system::error_code{});
        if (auto slot = asio::get_associated_cancellation_slot(resume); slot.is_connected())
            slot.template emplace<abort>(abort{this});
        handler_.emplace(std::move(resume));
    }

    // Posted, as Asio's own operations do it: whoever emits may hold what the coroutine would destroy.
    void cancel() {
        if (!handler_) return;
        auto executor = handler_->get_executor();
        asio::post(executor, [resume = take()]() mutable { resume(asio::error::operation_aborted); });
    }

    handler take() {
        handler taken = std::move(*handler_);
        handler_.reset();
        return taken;
    }

    std::optional<handler> handler_;
    bool notified_ = false;
};

}  // namespace echosocket::net
