// The calls that this end makes: their ids, how many at a time, their deadlines and their answers.
#pragma once

#include "protocol/call_queue.hpp"
#include "protocol/call_table.hpp"
#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/streams.hpp"
#include "wire/frame.hpp"

#include <echosocket/content_type.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace echosocket::protocol {

/// What the engine has to know of a call. Whoever makes it derives a type of its own, which knows who waits.
struct outbound_call {
    std::string task;
    encoded_body body;
    std::shared_ptr<const std::string> shared_body{};  ///< In place of the bytes of `body`, if it is one of many.
    std::string trace_id{};
    std::string idempotency_key{};
    std::chrono::milliseconds timeout{0};  ///< 0 is none.
    std::optional<time_point> deadline{};  ///< From outside at first, then whichever of the two is earlier.
    protocol::stream* stream = nullptr;    ///< Of a call with streams.

    std::uint32_t id = 0;     ///< 0 until the REQUEST was queued for sending.
    std::uint32_t place = 0;  ///< In the queue, if it waits there.
    bool ended = false;       ///< The engine has told of its end, or has refused it.

    [[nodiscard]] std::size_t body_size() const noexcept {
        return shared_body ? shared_body->size() : body.bytes.size();
    }
};
using outbound_call_ptr = std::shared_ptr<outbound_call>;

/// Sends requests, matches replies, and keeps to the number of calls that the other end takes at a time.
class outbound_calls {
public:
    /// Sends the REQUEST, or queues it until the other end takes one more. The failure if the call can't be made.
    [[nodiscard]] std::optional<failure> begin(engine_state& state, streams& open, const outbound_call_ptr& call);
    /// The call is no longer wanted: the other end is told. What the caller is to be told; empty if it has ended.
    [[nodiscard]] std::optional<failure> cancel(engine_state& state, streams& open, const outbound_call_ptr& call);

    // Each is true if `e` tells of the end of a call.
    /// A RESPONSE has come.
    [[nodiscard]] bool take_reply(engine_state& state, streams& open, const wire::frame& f, event& e);
    /// The call has failed: an ERROR has come, or a RESPONSE that is too large.
    [[nodiscard]] bool fail(engine_state& state, streams& open, std::uint32_t id, failure why, event& e);
    /// An answer to this call can't be taken to its end: the other end is told to stop.
    [[nodiscard]] bool give_up(engine_state& state, streams& open, std::uint32_t id, failure why, event& e);
    /// Tells of the next call that ends without a frame: by its deadline, a GOAWAY, or the connection's end.
    [[nodiscard]] bool next_ended(engine_state& state, streams& open, event& e);

    /// The other end has said how many calls it takes.
    void send_queued(engine_state& state, streams& open);
    [[nodiscard]] bool empty() const noexcept {
        return !begun_ || (begun_->in_flight.empty() && begun_->queue.empty());
    }
    [[nodiscard]] bool is_in_flight(std::uint32_t id) const { return begun_ && begun_->in_flight.find(id) != nullptr; }
    [[nodiscard]] std::size_t in_flight() const noexcept { return begun_ ? begun_->in_flight.size() : 0; }

private:
    /// Most connections of a server never make a call, so this is made for the first one.
    struct begun_calls {
        call_table<outbound_call_ptr> in_flight;
        /// Ids of calls given up here and not yet answered: they keep their slot at the other end until then.
        boost::unordered_flat_set<std::uint32_t> abandoned;
        call_queue<outbound_call> queue;
        std::vector<outbound_call_ptr> too_large;  // were queued until the HELLO told so, and are to be told of
        std::uint32_t last_id = 0;
    };

    [[nodiscard]] static std::optional<failure> size_refusal_of(const engine_state& state, const outbound_call& call);
    [[nodiscard]] std::optional<failure> refusal_of(const engine_state& state, const outbound_call& call) const;
    void send(engine_state& state, streams& open, const outbound_call_ptr& call);
    [[nodiscard]] bool has_slot(const engine_state& state) const noexcept {
        return begun_->in_flight.size() + begun_->abandoned.size() < state.peer.max_calls;
    }
    [[nodiscard]] std::uint32_t next_id(const engine_state& state);
    void withdraw(engine_state& state, streams& open, const outbound_call_ptr& call, failure& why);
    static bool tell(event& e, streams& open, outbound_call_ptr call, failure why);

    std::unique_ptr<begun_calls> begun_;
};

}  // namespace echosocket::protocol
