// What runs for one server, client or pool, for whoever stops it and has to wait for that.
#pragma once

#include "async/async_completion.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace echosocket::net {

/// Counts calls and handlers, and tells handlers that their owner is stopping. A call counts as a call until its answer
/// has found room, as a handler only while it runs.
///
/// Thread safety: all members may be called from any thread.
/// Lifetime: outlives the handlers that it counts.
class workload {
public:
    workload() = default;
    workload(const workload&) = delete;
    workload& operator=(const workload&) = delete;

    /// A call runs on after its first step.
    void call_begins() noexcept { running_.fetch_add(handler + call, std::memory_order_relaxed); }
    /// Its handler has ended. If its answer still waits for room, `call_ended` follows.
    void handler_of_call_ended(bool ends_call) noexcept { leave(ends_call ? handler + call : handler); }
    void call_ended() noexcept { running_.fetch_sub(call, std::memory_order_relaxed); }
    /// Anything else that a drain has to wait for before other connections are closed.
    void handler_begins() noexcept { running_.fetch_add(handler, std::memory_order_relaxed); }
    void handler_ended() noexcept { leave(handler); }
    /// Counts as a handler what `hand_over()` posts, which says `handler_ended`; not if posting it fails.
    template <class HandOver>
    void count_posted(const HandOver& hand_over) {
        handler_begins();
        try {
            hand_over();
        } catch (...) {
            handler_ended();
            throw;
        }
    }

    [[nodiscard]] std::size_t calls() const noexcept { return running_.load(std::memory_order_relaxed) % handler; }
    [[nodiscard]] std::size_t handlers() const noexcept { return running_.load(std::memory_order_acquire) / handler; }

    /// The owner is stopping: `until_stopping` ends. From now on `all_ended` is called each time the last handler has
    /// ended, on its thread.
    void stop(std::function<void()> all_ended);
    [[nodiscard]] bool is_stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }
    /// True once the owner is stopping, false if the wait was cancelled.
    ///
    /// Cancellation: terminal, partial, total.
    [[nodiscard]] asio::awaitable<bool> until_stopping();
    /// Destroys the coroutines that wait: nothing will ever run them.
    void context_goes() noexcept;

    /// A handler that ran when the owner began to stop has ended: by itself, or because it was cancelled.
    void count_drained(bool was_cancelled) noexcept {
        (was_cancelled ? cancelled_ : drained_).fetch_add(1, std::memory_order_relaxed);
    }
    [[nodiscard]] std::size_t drained() const noexcept { return drained_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

private:
    // Both in one number: a call that suspends costs one locked instruction for the two.
    static constexpr std::uint64_t call = 1;
    static constexpr std::uint64_t handler = std::uint64_t{1} << 32;

    struct waiter {
        async_completion<bool> waiting;
    };
    using waiter_ptr = std::shared_ptr<waiter>;
    using told = std::vector<std::function<void()>>;

    // Whoever ends last runs behind `stop` and sees it: each strand is told of it while that counts as a handler.
    void leave(std::uint64_t what) noexcept {
        const auto before = running_.fetch_sub(what, std::memory_order_acq_rel);
        if (before / handler == 1 && is_stopping()) [[unlikely]]
            tell_all_ended();
    }
    void tell_all_ended() noexcept;
    void wait(waiter_ptr who);
    void give_up(const waiter_ptr& who);

    std::atomic<std::uint64_t> running_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::size_t> drained_ = 0;
    std::atomic<std::size_t> cancelled_ = 0;

    std::mutex mutex_;
    std::vector<waiter_ptr> waiting_;
    std::shared_ptr<const told> all_ended_;  ///< One of each who stops: a pool has many.
};

}  // namespace echosocket::net
