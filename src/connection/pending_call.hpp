// A call of this end on its way: what to send, and who waits for the reply.
#pragma once

#include "async/async_completion.hpp"
#include "connection/stream_handle.hpp"
#include "protocol/outbound_calls.hpp"

#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace echosocket::net {

struct pending_call final : protocol::outbound_call {
    // One of these is told of the end.
    std::optional<async_completion<result<raw_reply>>> waiting;
    std::shared_ptr<stream_handle> items;         ///< If the call has streams.
    std::function<void(result<raw_reply>)> done;  ///< If it is one of many; called on the connection's strand.

    pending_call() = default;
    pending_call(const pending_call&) = delete;
    pending_call& operator=(const pending_call&) = delete;
    /// A call that nobody has ended was lost on its way, for want of memory: its caller is told so.
    ~pending_call() {
        if (told_ || (!items && !done)) return;  // `waiting` tells by itself
        try {
            end(out_of_memory());
        } catch (...) {
        }
    }

    /// Once; whatever comes later is of no consequence.
    void end(result<raw_reply> reply) {
        if (std::exchange(told_, true)) return;
        if (items) return items->answered(std::move(reply));
        if (done) return done(std::move(reply));
        if (waiting) waiting->complete(std::move(reply));
    }
    /// Not inside the call that began it: a caller that tries again at once would otherwise recurse without end.
    void end_later(failure why) {
        if (!waiting) return end(std::move(why));
        if (!std::exchange(told_, true)) waiting->complete_later(std::move(why));
    }

private:
    bool told_ = false;
};

using pending_call_ptr = std::shared_ptr<pending_call>;

}  // namespace echosocket::net
