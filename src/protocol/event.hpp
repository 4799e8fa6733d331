// What an engine tells its driver: the closed list of things that can happen on a connection.
#pragma once

#include "protocol/memory_share.hpp"
#include "protocol/settings.hpp"

#include <echosocket/content_type.hpp>
#include <echosocket/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::protocol {

struct outbound_call;
class stream;

/// A message whose body came in several frames.
struct joined_message {
    std::string meta;
    std::string body;
    time_point begun;   ///< When the first frame came.
    memory_share held;  ///< The body's.
};
using joined_ptr = std::shared_ptr<joined_message>;

/// Filled in place by `engine::next`. Each kind names the fields that it sets; the others keep what they had.
///
/// Lifetime: views point into the bytes that the engine was handed, or into `joined`; they are valid until the next
/// `engine::next`, and as long as somebody keeps those bytes or `joined`.
struct event {
    enum class kind : std::uint8_t {
        opened,             ///< `name`: the other end's HELLO came. `engine::accept` or `engine::fail` has to follow.
        request,            ///< `id` to `joined`: a REQUEST to be answered, once.
        request_refused,    ///< `reason`: the engine has answered a REQUEST that breaks a limit; nothing is to be done.
        request_cancelled,  ///< `handler`, `reason`: a kept call is no longer wanted, and still has to be answered.
        slots_freed,        ///< The answers that waited for room have gone out; see `engine::release`.
        reply,              ///< `call`, `type`, `body`, `joined`: a call of this end has its result.
        call_failed,        ///< `call`, `why`: a call of this end has failed.
        notification,       ///< `name`, `trace_id`, `type`, `body`, `joined`, `cost`: to be given to `engine::handled`.
        item,               ///< `from`, `type`, `body`, `cost`: to be given back by `engine::consumed`.
        item_end,           ///< `from`, `why` (empty if the sender did not fail): no more items come.
        sendable,           ///< `from`: further items may be sent on this stream.
        peer_goaway,        ///< The other end takes no further calls.
        warning,            ///< `why`: for the log.
        closed,             ///< Nothing can be sent or answered any more; `engine::cause` says why.
    };

    kind what{};
    content_type type = content_type::bytes;
    std::uint8_t streams = 0;  ///< The protocol's bits, of a request.
    bool same_head = false;    ///< Of a request: its meta is that of the request before it, so its task is the same.
    errc reason{};
    std::uint32_t id = 0;
    std::string_view name;
    std::string_view trace_id;
    std::string_view idempotency_key;
    std::string_view body;
    std::optional<time_point> deadline;
    joined_ptr joined;  ///< Set if the message came in several frames.

    void* handler = nullptr;
    std::shared_ptr<outbound_call> call;
    std::optional<failure> why;
    stream* from = nullptr;
    std::size_t cost = 0;
};

}  // namespace echosocket::protocol
