// The calls that the other end has running here.
#pragma once

#include "async/strand_event.hpp"
#include "connection/call_worker.hpp"
#include "connection/connection_host.hpp"
#include "memory/buffer_ref.hpp"
#include "protocol/call_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace echosocket::net {

class connection;

/// Starts handlers, keeps the table of those that suspended, cancels them, and knows when the last has ended.
///
/// A handler runs on a `call_worker`, a coroutine of this connection that serves call after call. The worker that is
/// handed a request goes on with the frames behind it for as long as handlers do not suspend (it leads); when one does,
/// the reader goes on with another worker. So a call costs no spawn, and a slow one holds up nobody.
class incoming_calls {
public:
    incoming_calls(connection& owner, connection_host& service) : owner_(owner), service_(service) {}

    /// Answers a request whose handler can't suspend.
    void serve_in_place(const request& r);
    /// Starts a coroutine handler and runs it to its first suspension.
    void start(request r);
    /// May one more call run? If not, the request is answered `overloaded`.
    [[nodiscard]] bool has_room() const noexcept;
    [[nodiscard]] bool is_running(std::uint32_t id) { return !running_.empty() && running_.find(id) != nullptr; }

    /// The streams of a running call; nothing where it has none.
    [[nodiscard]] std::shared_ptr<call_stream> stream_of(std::uint32_t id);

    void cancel(std::uint32_t id, errc reason);
    /// With `connection_lost`, calls that carry an idempotency key go on: their callers may ask for the result again.
    void cancel_all(errc reason);
    /// Cancels what is due at `now`.
    void expire(time_point now);
    /// Is a CANCEL of that call no more than its caller's timeout, which comes at about the time of the deadline here?
    [[nodiscard]] bool takes_for_timeout(std::uint32_t id, time_point now);
    [[nodiscard]] std::optional<time_point> next_deadline() { return running_.next_deadline(); }

    [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }
    /// Lets go of calls that have ended and were held for want of room in the outbox.
    void release_held();

    /// Cancels everything and suspends until every worker has ended. Once, at the connection's end.
    [[nodiscard]] asio::awaitable<void> end(errc reason);

    // For call_worker.
    [[nodiscard]] connection& owner() noexcept { return owner_; }
    [[nodiscard]] connection_host& service() noexcept { return service_; }
    /// Finds the next request for `worker`; false where it does not lead, or there is none.
    [[nodiscard]] bool next_for(const call_worker& worker, request& next);
    void finished(call_worker& worker, bool was_cancelled);
    /// True where `worker` shall wait for its next call; false where it is one too many and ends.
    [[nodiscard]] bool keep_idle(call_worker& worker);
    void hold(call_worker& worker) { held_.push_back(&worker); }

private:
    [[nodiscard]] bool outlives(const call_worker& worker) noexcept;
    void spawn(std::unique_ptr<call_worker> worker);
    void dismiss_idle_worker();
    void worker_ended();

    connection& owner_;
    connection_host& service_;
    protocol::call_table<call_worker*> running_;
    std::vector<call_worker*> idle_;
    std::vector<call_worker*> held_;
    call_worker* leader_ = nullptr;
    std::size_t workers_ = 0;
    std::size_t expired_ = 0;  ///< Calls cancelled by their deadline, whose callers may still send a CANCEL.
    bool ending_ = false;
    strand_event all_ended_;
};

}  // namespace echosocket::net
