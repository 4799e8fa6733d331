// The calls that this end has under way at the other.
#pragma once

#include "async/async_completion.hpp"
#include "connection/call_stream.hpp"
#include "protocol/call_table.hpp"
#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>

#include <boost/container/deque.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace echosocket::net {

class connection;

/// A call on its way: what to send, and who waits for the reply.
struct pending_call {
    std::string task;
    encoded_body body;
    std::string trace_id;
    std::string idempotency_key;
    std::chrono::milliseconds timeout{0};  ///< 0 is none.
    std::optional<time_point> deadline{};  ///< From outside at first, then whichever of the two is earlier.
    std::optional<async_completion<result<raw_reply>>> waiting;
    std::shared_ptr<call_stream> stream;               ///< In place of `waiting` where the call has streams...
    std::function<void(result<raw_reply>)> done;       ///< ...or where it is one of many; on the connection's strand.
    std::shared_ptr<const std::string> shared_body{};  ///< In place of `body`'s bytes where it is one of many.

    std::uint32_t id = 0;  ///< 0 until it was sent.
    bool ended = false;

    void end(result<raw_reply> reply) {
        ended = true;
        if (stream) return stream->answered(std::move(reply));
        if (done) return done(std::move(reply));
        waiting->complete(std::move(reply));
    }
    [[nodiscard]] std::size_t body_size() const noexcept {
        return shared_body ? shared_body->size() : body.bytes.size();
    }
    /// Not inside the call that began it: a caller that tries again at once would otherwise recurse without end.
    void end_later(failure why) {
        if (!waiting) return end(std::move(why));
        ended = true;
        waiting->complete_later(std::move(why));
    }
};

using pending_call_ptr = std::shared_ptr<pending_call>;

/// Sends requests, matches replies, and keeps to the number of calls that the other end takes at a time.
class outgoing_calls {
public:
    /// `max_calls` may be sent before the other end's HELLO has come.
    outgoing_calls(connection& owner, std::uint32_t max_calls) noexcept : owner_(owner), max_calls_(max_calls) {}

    /// Any thread: takes a call in.
    void submit(pending_call_ptr call);
    /// Any thread: ends a call with `cancelled`, and tells the other end.
    void cancel(pending_call_ptr call);

    /// `body` is the reply's own where it came in pieces; `f` has it otherwise.
    void handle_reply(const wire::frame& f, std::optional<std::string> body = std::nullopt);
    void handle_error(const wire::frame& f);
    /// Ends one call, whose reply is too large to be taken.
    void end(std::uint32_t id, failure why);
    /// Ends what is due at `now` with `deadline_exceeded`.
    void expire(time_point now);
    [[nodiscard]] std::optional<time_point> next_deadline();

    /// The other end takes that many calls at a time.
    void set_max_calls(std::uint32_t calls);
    /// Ends the calls that were not sent yet.
    void end_queued(const failure& why);
    /// Ends every call with the connection's cause, later ones too.
    void end_all();

    [[nodiscard]] bool is_in_flight(std::uint32_t id) { return begun_ && begun_->in_flight.find(id) != nullptr; }
    /// The streams of a call in flight; nothing where it has none.
    [[nodiscard]] std::shared_ptr<call_stream> stream_of(std::uint32_t id) {
        auto* call = begun_ ? begun_->in_flight.find(id) : nullptr;
        return call != nullptr ? (*call)->stream : nullptr;
    }
    /// Ends a call here and cancels it at the other end.
    void give_up(std::uint32_t id, failure why);
    [[nodiscard]] bool empty() const noexcept {
        return !begun_ || (begun_->in_flight.empty() && begun_->queue.empty());
    }

private:
    /// Most connections of a server never make a call, so this is made for the first one.
    struct begun_calls {
        protocol::call_table<pending_call_ptr> in_flight;
        /// Ids of calls given up here and not yet answered: they keep their slot at the other end until then.
        boost::unordered_flat_set<std::uint32_t> abandoned;
        boost::container::deque<pending_call_ptr> queue;  ///< Not `std::deque`, which holds half a KiB while empty.
        std::vector<pending_call_ptr> arrived;  ///< Takes turns with the inbox, so that both keep their memory.
        std::uint32_t last_id = 0;
    };

    void take_inbox();
    [[nodiscard]] begun_calls& begun();
    void enqueue(pending_call_ptr call);
    void send(const pending_call_ptr& call);
    void send_queued();
    void give_up(const pending_call_ptr& call, failure why);
    [[nodiscard]] bool has_slot() const noexcept {
        return begun_->in_flight.size() + begun_->abandoned.size() < max_calls_;
    }
    [[nodiscard]] std::uint32_t next_id();
    [[nodiscard]] std::optional<failure> refusal(const pending_call& call) const;

    connection& owner_;
    std::vector<pending_call_ptr> inbox_;  ///< Guarded by the session's handover mutex.
    std::unique_ptr<begun_calls> begun_;
    std::uint32_t max_calls_;
    bool ended_ = false;  ///< For the connection's cause.
};

}  // namespace echosocket::net
