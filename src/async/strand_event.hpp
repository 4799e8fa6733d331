// An event between two coroutines on the same strand; the waiting one is resumed without going through the executor.
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

/// An event that one coroutine at a time waits for; it can be used any number of times.
///
/// Thread safety: none; `wait`, `notify` and cancellation all happen on the waiting coroutine's strand.
/// Cancellation: terminal, partial, total; the wait throws `operation_aborted` and resumes through its executor.
/// Lifetime: must not be moved, nor destroyed while a coroutine waits.
class strand_event {
public:
    strand_event() = default;
    strand_event(const strand_event&) = delete;
    strand_event& operator=(const strand_event&) = delete;

    /// `co_await event.wait();` suspends until `notify()`, or continues at once if `notify()` came first.
    [[nodiscard]] auto wait() noexcept {
        // Deferred, so that it is awaited without a coroutine frame of its own: faster, and no memory while idle.
        return asio::async_initiate<const asio::deferred_t&, void(boost::system::error_code)>(start{this},
                                                                                              asio::deferred);
    }

    /// Resumes the waiting coroutine inside this call, up to its next suspension. If none waits, the next wait
    /// continues at once; several such calls count as one.
    void notify() {
        if (pending_) return pending_.resume();
        notified_ = true;
    }

    /// Destroys the waiting coroutine: nothing will run it any more.
    void drop() noexcept { pending_ = {}; }

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
        // Posted, as Asio's own operations do: the code that emits may hold something that the coroutine would destroy.
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

    // Resuming inside the suspension nests; a coroutine that notifies itself in a loop must not exhaust the stack.
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
