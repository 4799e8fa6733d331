// Where one coroutine waits for another on the same strand, and from which it is resumed without a hop.
#pragma once

#include "async/erased_handler.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>

#include <cassert>
#include <utility>

namespace echosocket::net {

/// A suspension point for one coroutine at a time, used any number of times.
///
/// Thread safety: none; `wait`, `notify` and the emission of cancellation all happen on the waiting coroutine's strand.
/// Cancellation: terminal, partial, total; the wait throws `operation_aborted`, resumed through its executor.
/// Lifetime: not moved, nor destroyed while a coroutine waits.
class strand_event {
public:
    strand_event() = default;
    strand_event(const strand_event&) = delete;
    strand_event& operator=(const strand_event&) = delete;

    /// `co_await w.wait();` suspends until `notify()`, or goes on at once where that came first.
    [[nodiscard]] auto wait() noexcept {
        // Deferred, for it is awaited without a coroutine frame of its own: less time, and no memory while idle.
        return asio::async_initiate<const asio::deferred_t&, void(boost::system::error_code)>(start{this},
                                                                                              asio::deferred);
    }

    /// Resumes the waiting coroutine inside this call, up to its next suspension. Where nobody waits, the next wait
    /// goes on at once; that is remembered once.
    void notify() {
        if (pending_) return pending_.resume();
        notified_ = true;
    }

    [[nodiscard]] bool waiting() const noexcept { return static_cast<bool>(pending_); }

private:
    static constexpr unsigned max_immediate = 8;

    struct start {
        strand_event* self;
        template <class Handler>
        void operator()(Handler&& handler) const {
            self->suspend(std::forward<Handler>(handler));
        }
    };

    struct abort {
        strand_event* self;
        // Posted, as Asio's own operations do it: whoever emits may hold what the coroutine would destroy.
        void operator()(asio::cancellation_type) const {
            if (self->pending_) self->pending_.post(asio::error::operation_aborted);
        }
    };

    template <class Handler>
    void suspend(Handler handler) {
        assert(!pending_ && "one coroutine at a time");
        if (std::exchange(notified_, false)) return go_on(erased_handler(std::move(handler)));
        immediate_ = 0;
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.template emplace<abort>(abort{this});
        pending_ = erased_handler(std::move(handler));
    }

    // Resuming from within the suspension nests; a coroutine that notifies itself in a loop must not eat the stack.
    void go_on(erased_handler coroutine) {
        if (++immediate_ <= max_immediate) return coroutine.resume();
        immediate_ = 0;
        coroutine.post();
    }

    erased_handler pending_;
    unsigned immediate_ = 0;
    bool notified_ = false;
};

}  // namespace echosocket::net
