// One coroutine of a connection that serves one call at a time.
#pragma once

#include "async/strand_event.hpp"
#include "async/this_thread.hpp"
#include "connection/call_reply.hpp"
#include "connection/idempotency_cache.hpp"
#include "connection/request.hpp"
#include "connection/running_call.hpp"

#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace echosocket::net {

class workers;

class call_worker final : public running_call {
public:
    call_worker(workers& pool, connection_context& context, request first);

    /// The worker's life; ends after `leave()`.
    [[nodiscard]] asio::awaitable<void> run();

    /// Hands an idle worker its next call, which runs inside this to its first suspension.
    void serve(request next);
    /// Ends a call, and begins the next one if this worker leads and there is one. True if that is of the same task, so
    /// that the coroutine of the task serves it too: `body` is its body then.
    [[nodiscard]] bool go_on(std::string_view& body);
    /// The coroutine has ended with an exception: what it served has no answer.
    void died(const std::exception_ptr& thrown) noexcept;
    /// Ends an idle worker.
    void leave();
    /// Destroys an idle worker's coroutine, and so the worker.
    void drop() noexcept { wake_.drop(); }
    /// Cancels the running handler; a call that has ended already is not concerned.
    void cancel(errc reason);

    /// Why the call at hand was cancelled, if it was.
    [[nodiscard]] std::optional<errc> cancelled_for() const noexcept { return cancelled_; }
    [[nodiscard]] bool busy() const noexcept { return busy_; }
    [[nodiscard]] std::uint32_t id() const noexcept { return request_.id; }
    [[nodiscard]] std::optional<time_point> due() const noexcept { return request_.deadline; }
    /// Is it the call whose result others with its key will get?
    [[nodiscard]] bool is_remembered() const noexcept { return reply_.is_remembered(); }
    [[nodiscard]] asio::cancellation_slot slot() noexcept { return signal_.slot(); }

    /// Between these two the worker runs inside its caller, on the strand.
    void begin_first_step() noexcept { first_step_on_.store(this_thread(), std::memory_order_relaxed); }
    void end_first_step() noexcept { first_step_on_.store(nullptr, std::memory_order_relaxed); }
    /// On any thread, where the handler may have gone: is this its first step?
    [[nodiscard]] bool is_in_first_step() const noexcept {
        return first_step_on_.load(std::memory_order_relaxed) == this_thread();
    }

    /// The call runs on: counts what it holds in memory from now on.
    void hold_memory() noexcept;
    void release_memory() noexcept;
    void arguments_are_read() noexcept override;

    /// Has the call run on after its first step, so that the engine knows of it? Set by `workers`.
    bool kept = false;

private:
    [[nodiscard]] asio::awaitable<void> serve_once(task_context& context);
    void answer_from(idempotency_cache::claimed known);
    void begin();
    void finish(const std::exception_ptr& thrown) noexcept;

    workers& pool_;
    request request_;
    call_reply reply_;
    asio::cancellation_signal signal_;
    strand_event wake_;
    std::atomic<const void*> first_step_on_ = nullptr;  // a thread
    std::size_t held_ = 0;                              // bytes in memory beside those that `request_` has counted
    bool pins_block_ = false;
    bool busy_ = false;
    bool answered_ = false;
    bool leaving_ = false;
    bool next_begun_ = false;  // the request at hand is the next one already, of another task
};

}  // namespace echosocket::net
