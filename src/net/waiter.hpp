// Where one coroutine waits for another on the same strand, and from which it is resumed without a hop.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// A suspension point for one coroutine at a time, used any number of times.
///
/// Thread safety: none; `wait`, `notify` and the emission of cancellation all happen on the waiting coroutine's strand.
/// Cancellation: terminal, partial, total; the wait throws `operation_aborted`, resumed through its executor.
/// Lifetime: not moved, nor destroyed while a coroutine waits.
class waiter {
public:
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter() {
        if (finish_) finish_(*this, nullptr);
    }

    /// `co_await w.wait();` suspends until `notify()`, or goes on at once where that came first.
    [[nodiscard]] auto wait() noexcept {
        // Deferred, for it is awaited without a coroutine frame of its own: half the time, and no memory while idle.
        return asio::async_initiate<const asio::deferred_t&, void(boost::system::error_code)>(start{this},
                                                                                              asio::deferred);
    }

    /// Resumes the waiting coroutine inside this call, up to its next suspension. Where nobody waits, the next wait
    /// goes on at once; that is remembered once.
    void notify() {
        if (!finish_) {
            notified_ = true;
            return;
        }
        const boost::system::error_code none;
        finish_(*this, &none);
    }

    [[nodiscard]] bool waiting() const noexcept { return finish_ != nullptr; }

private:
    // In place of asio::any_completion_handler, which recurses without end when moved in Boost 1.81 and can take over
    // from 1.82 on: room for one handler of `co_await`, and the function that knows its type.
    static constexpr std::size_t handler_size = 4 * sizeof(void*);
    static constexpr unsigned max_immediate = 8;

    struct start {
        waiter* self;
        template <class Handler>
        void operator()(Handler&& resume) const {
            self->suspend(std::forward<Handler>(resume));
        }
    };

    template <class Handler>
    struct abort {
        waiter* self;
        // Posted, as Asio's own operations do it: whoever emits may hold what the coroutine would destroy.
        void operator()(asio::cancellation_type) const {
            if (!self->finish_) return;
            Handler resume = self->take<Handler>();
            auto executor = asio::get_associated_executor(resume);
            asio::post(executor, [resume = std::move(resume)]() mutable { resume(asio::error::operation_aborted); });
        }
    };

    template <class Handler>
    void suspend(Handler resume) {
        static_assert(sizeof(Handler) <= handler_size && alignof(Handler) <= alignof(void*));
        assert(!finish_ && "one coroutine at a time");
        if (std::exchange(notified_, false)) return go_on(std::move(resume));
        immediate_ = 0;
        if (auto slot = asio::get_associated_cancellation_slot(resume); slot.is_connected())
            slot.template emplace<abort<Handler>>(abort<Handler>{this});
        ::new (static_cast<void*>(handler_)) Handler(std::move(resume));
        finish_ = [](waiter& self, const boost::system::error_code* outcome) {
            Handler taken = self.take<Handler>();
            if (outcome) taken(*outcome);
        };
    }

    // Resuming from within the suspension nests; a coroutine that notifies itself in a loop must not eat the stack.
    template <class Handler>
    void go_on(Handler resume) {
        if (++immediate_ <= max_immediate) return resume(boost::system::error_code{});
        immediate_ = 0;
        auto executor = asio::get_associated_executor(resume);
        asio::post(executor, [resume = std::move(resume)]() mutable { resume(boost::system::error_code{}); });
    }

    // Out of the way before it runs: the coroutine may wait here again before it returns.
    template <class Handler>
    Handler take() noexcept {
        auto* stored = std::launder(reinterpret_cast<Handler*>(handler_));
        Handler taken = std::move(*stored);
        std::destroy_at(stored);
        finish_ = nullptr;
        return taken;
    }

    alignas(void*) std::byte handler_[handler_size];
    void (*finish_)(waiter&, const boost::system::error_code*) = nullptr;
    unsigned immediate_ = 0;
    bool notified_ = false;
};

}  // namespace echosocket::net
