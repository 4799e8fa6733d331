// What a connection needs to know of the server or client that it belongs to.
#pragma once

#include "connection/user_code.hpp"
#include "connection/workload.hpp"
#include "protocol/notification.hpp"

#include <echosocket/log.hpp>
#include <echosocket/result.hpp>
#include <echosocket/task.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::net {

class connection_context;
class idempotency_cache;
class orphaned_calls;

/// The owner of the tasks. One host stands behind many connections, so every member may be called from any of their
/// strands at once.
class connection_host {
public:
    /// Where code of the user's is called.
    [[nodiscard]] user_code& callbacks() const noexcept { return callbacks_; }

    /// The task of that name, or null; a fallback task counts as one of every name.
    [[nodiscard]] virtual detail::task* find_task(std::string_view name) const noexcept = 0;
    /// The answer for a name for which `find_task` returns null.
    [[nodiscard]] virtual failure unknown_task(std::string_view name) const = 0;
    /// What handles notifications of that topic, or null.
    [[nodiscard]] virtual detail::task* find_listener(std::string_view topic) const noexcept = 0;
    /// How notifications of that topic wait for a peer that does not read.
    [[nodiscard]] virtual protocol::topic_rules rules_of(std::string_view topic) const = 0;
    /// Where the results of calls with an idempotency key are kept; null if they are not.
    [[nodiscard]] virtual idempotency_cache* results_by_key() noexcept { return nullptr; }
    /// Whose keys those of this peer are. A failure refuses the call.
    [[nodiscard]] virtual result<std::string> key_scope(connection_context&) { return std::string(); }
    /// The list of such calls whose connections are lost; not null if results are kept.
    [[nodiscard]] virtual orphaned_calls* orphans() noexcept { return nullptr; }

    // The life of each connection, told on its strand.
    /// The other end has introduced itself. A failure refuses it.
    [[nodiscard]] virtual result<void> opened(connection_context&) { return {}; }
    /// The other end goes away: it takes no new calls.
    virtual void told_to_go(connection_context&) {}
    /// The line is closed, but not all that ran on the connection has ended.
    virtual void line_closed(connection_context&) {}
    /// A connection that was opened has ended, and everything on it.
    virtual void ended(connection_context&, const failure& /*why*/) {}

    /// What runs for this host, and whether it is stopping.
    [[nodiscard]] workload& work() const noexcept { return work_; }
    /// Is there room for one more call of this connection?
    [[nodiscard]] bool has_room(const connection_context& of) const noexcept {
        return work_.calls() < calls_taken_unasked_.load(std::memory_order_relaxed) || may_begin_call(of);
    }
    /// Why there is none.
    [[nodiscard]] virtual failure no_room_for(const connection_context& of) const = 0;
    /// What counts the running calls of all connections from there, until this one has ended; null if nothing does.
    [[nodiscard]] virtual std::atomic<std::size_t>* calls_from_address_of(const connection_context&) noexcept {
        return nullptr;
    }

    /// A call was refused unstarted.
    virtual void count_refused(errc reason) noexcept = 0;

protected:
    connection_host(log_sink log, const clock& time, workload& work) : callbacks_(std::move(log), time), work_(work) {}
    ~connection_host() = default;

    /// While fewer calls run, whose they are is of no consequence. All, unless this is said.
    void take_calls_unasked(std::size_t below) noexcept {
        calls_taken_unasked_.store(below, std::memory_order_relaxed);
    }

private:
    /// Asked where so many run.
    [[nodiscard]] virtual bool may_begin_call(const connection_context& of) const noexcept = 0;

    mutable user_code callbacks_;
    workload& work_;
    std::atomic<std::size_t> calls_taken_unasked_ = SIZE_MAX;
};

}  // namespace echosocket::net
