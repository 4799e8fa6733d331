// A strand for something that its users may keep for longer than the execution context beneath it.
#pragma once

#include "async/strand.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>

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

    /// Runs `job` on the strand, later; drops it if the context has gone.
    template <class Job>
    void post(Job job) const {
        if (!context_has_gone()) asio::post(executor_, std::move(job));
    }
    /// The same at once if the strand is free and its context runs on this thread.
    template <class Job>
    void run_soon(Job job) const {
        if (!context_has_gone()) net::run_soon(executor_, std::move(job));
    }

protected:
    /// A new strand beside `base`.
    explicit strand_owner(const asio::any_io_executor& base);
    ~strand_owner();

    /// The context is about to end, and nothing runs on it any more: whatever holds a part of it has to go. Coroutines
    /// that wait here are destroyed.
    virtual void context_goes() noexcept = 0;

private:
    /// Knows all owners of strands of one execution context.
    class watch;

    asio::any_io_executor executor_;
    const asio::strand<asio::io_context::executor_type>* plain_;  // what is in `executor_`, if it is of that type
    strand_owner* before_ = nullptr;
    strand_owner* behind_ = nullptr;
};

}  // namespace echosocket::net
