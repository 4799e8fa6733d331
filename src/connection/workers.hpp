// The coroutines that serve the calls of one connection.
#pragma once

#include "async/strand_event.hpp"
#include "connection/call_worker.hpp"
#include "connection/connection_context.hpp"
#include "connection/orphaned_calls.hpp"
#include "connection/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <vector>

namespace echosocket::net {

class dispatcher;

/// Starts handlers, cancels them, and knows when the last has ended.
///
/// A handler runs on a `call_worker`, a coroutine of this connection that serves call after call. The worker that is
/// handed a request goes on with the frames behind it for as long as handlers do not suspend (it leads); when one does,
/// the dispatcher goes on with another worker. So a call costs no spawn, and a slow one holds up nobody.
///
/// Thread safety: everything on the connection's strand.
class workers {
public:
    workers(connection_context& context, dispatcher& source) noexcept
        : context_(context), source_(source), calls_from_address_(context.host().calls_from_address_of(context)) {}

    /// Starts a coroutine handler and runs it to its first suspension.
    void start(request r);
    /// Answers that waited for room have gone out: their calls count no longer.
    void slots_freed();
    /// The connection is over. Calls that carry an idempotency key go on, as `orphaned_calls`: their callers may ask
    /// for the result again.
    void connection_ended();
    /// Cancels every running call, at the end of a drain.
    void cancel_all();
    /// Cancels everything and suspends until every worker has ended. Once, at the connection's end.
    [[nodiscard]] asio::awaitable<void> end();
    /// Nothing will ever run again.
    void context_goes();

    // For call_worker.
    /// Finds the next request for `worker`; false if it does not lead, or if there is none.
    [[nodiscard]] bool next_for(const call_worker& worker, request& next) noexcept;
    void finished(call_worker& worker, bool was_cancelled) noexcept;
    /// True if `worker` shall wait for its next call; false if it is one too many and ends.
    [[nodiscard]] bool keep_idle(call_worker& worker) noexcept;

private:
    [[nodiscard]] std::vector<call_worker*> running();
    void keep(call_worker& worker);
    void call_left_address() noexcept;
    void connection_lost(call_worker& worker);
    void spawn(std::unique_ptr<call_worker> worker);
    void dismiss_idle_worker();
    void worker_ended();

    connection_context& context_;
    dispatcher& source_;
    std::atomic<std::size_t>* calls_from_address_;  // of all connections from there, or null
    std::vector<call_worker*> idle_;
    call_worker* leader_ = nullptr;
    std::size_t alive_ = 0;
    std::size_t unread_answers_ = 0;  // calls that still count, though they have ended
    bool ending_ = false;
    strand_event all_ended_;
    // Those that run on without their connection; made for the first.
    std::unique_ptr<std::map<const call_worker*, orphaned_calls::orphan_ptr>> orphans_;
};

}  // namespace echosocket::net
