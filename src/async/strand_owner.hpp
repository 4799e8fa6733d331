// A strand for something that its users may keep for longer than the execution context beneath it.
#pragma once

#include "async/strand.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace echosocket::net {

/// Lets go of its strand when the execution context ends: a strand that is destroyed later would use memory that is
/// gone (Boost 1.81).
///
/// Thread safety: all members may be called from any thread, but not while the context is being destroyed.
class strand_owner {
public:
    strand_owner(const strand_owner&) = delete;
    strand_owner& operator=(const strand_owner&) = delete;

    /// The strand; empty once its context has gone.
    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
    [[nodiscard]] bool on_strand() const noexcept {
        return plain_ != nullptr ? plain_->running_in_this_thread() : runs_here(executor_);
    }
    [[nodiscard]] bool context_has_gone() const noexcept { return !executor_; }

    /// Runs `job`, which keeps this alive, on the strand, later; drops it if the context has gone. What it throws comes
    /// to `broke`.
    template <class Job>
    void post(Job job) {
        if (!context_has_gone()) asio::post(executor_, guarded(std::move(job)));
    }
    /// The same at once if the strand is free and its context runs on this thread.
    template <class Job>
    void run_soon(Job job) {
        if (!context_has_gone()) net::run_soon(executor_, guarded(std::move(job)));
    }

    /// Does `what` on the strand, now; what it throws comes to `broke`.
    template <class What>
    void guard(What&& what) noexcept {
        try {
            what();
        } catch (...) {
            broke(std::current_exception());
        }
    }
    /// On the strand: something that runs there has thrown, so that memory is short, or code of the user's is at fault.
    virtual void broke(const std::exception_ptr& thrown) noexcept = 0;

protected:
    /// A new strand beside `base`.
    explicit strand_owner(const asio::any_io_executor& base);
    ~strand_owner();

    /// The context is about to end, and nothing runs on it any more: whatever holds a part of it has to go. Coroutines
    /// that wait here are destroyed.
    virtual void context_goes() noexcept = 0;

private:
    template <class Job>
    [[nodiscard]] auto guarded(Job job) {
        return [this, job = std::move(job)]() mutable { guard(job); };
    }

    /// Knows all owners of strands of one execution context.
    class watch;

    asio::any_io_executor executor_;
    const asio::strand<asio::io_context::executor_type>* plain_;  // what is in `executor_`, if it is of that type
    strand_owner* before_ = nullptr;
    strand_owner* behind_ = nullptr;
};

}  // namespace echosocket::net
