// What one connection may cost, and what happens to notifications that a peer does not read or handle. Needs no Asio.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace echosocket {

/// What happens to a notification when the queue of a peer that reads or handles too slowly is full.
enum class overflow : std::uint8_t {
    close,        ///< The peer's connection ends with `slow_consumer`: no notification is lost silently.
    drop_oldest,  ///< The oldest queued notification of that topic is dropped.
    drop_newest,  ///< The new notification is dropped.
    keep_latest,  ///< A queued one with the same key is replaced, even if the queue is not full; else as `drop_oldest`.
};

/// Limits of one peer's queue, for one topic or for all topics that have no rules of their own.
struct queue_rules {
    overflow policy = overflow::close;
    std::size_t max_bytes = 1024 * 1024;  ///< Bytes of whole frames queued for one peer.
    std::size_t max_frames = 10'000;      ///< Notifications queued for one peer.
};

/// What one connection may use, at either end.
struct limits {
    /// Bytes of one body, all its frames together; at least `max_frame`. A split body above 128 KiB reserves this much
    /// address space (64 MiB at most), but uses memory only as it arrives.
    std::size_t max_message = 16 * 1024 * 1024;
    std::size_t max_frame = 1024 * 1024;  ///< Bytes of one frame's body, 1 KiB to 64 MiB; larger bodies are split.
    std::uint32_t max_calls = 1024;       ///< Calls that the other end may have running here; sent in the HELLO.
    /// Calls of this end that wait until the other end takes them (its `max_calls`), or a client's that wait until
    /// there is a connection; further ones fail with `overloaded`, unsent.
    std::size_t max_queued_calls = 65'536;
    /// Values in one JSON text, at least 65,536; more are `bad_request`. Each takes memory beyond its bytes, and time
    /// when it is read into a handler's arguments, which all others on that thread wait for.
    std::size_t max_json_values = 1'000'000;
    unsigned max_nesting = 64;  ///< Depth of a decoded JSON value; deeper ones are `bad_request`.

    std::chrono::milliseconds hello_timeout{5'000};  ///< ms for the other end's complete HELLO.
    /// ms to complete a frame once it has begun; large frames get at least 1 s per 64 KiB. A body that comes in several
    /// frames gets as long, and 1 s for each 8 KiB that have come.
    std::chrono::milliseconds frame_timeout{10'000};
    /// ms without a running call, any frame but pings, or a notification that waits for a handler or for credit; 0
    /// disables it.
    std::chrono::milliseconds idle_timeout{300'000};
    /// ms of silence before a ping, varied by up to ±15 %; 0 disables it.
    std::chrono::milliseconds ping_interval{30'000};
    unsigned missed_pings = 2;                        ///< Unanswered pings in a row before the peer counts as lost.
    std::chrono::milliseconds write_timeout{10'000};  ///< ms in which the other end must take at least one byte.

    /// Queued bytes above which this end pauses taking new requests.
    std::size_t output_soft = 1024 * 1024;
    /// ms that a slow peer has to take `output_soft` bytes before it is closed.
    std::chrono::milliseconds output_soft_time{10'000};
    /// Queued bytes above which finished calls keep their slot until there is room.
    std::size_t output_hard = 8 * 1024 * 1024;

    /// Bytes of items that one stream may have on the way to this end or unread here, at least 4 KiB; one item may use
    /// half of it. Sent in the HELLO. A server's `memory_budget` bounds what all streams hold together.
    std::uint32_t stream_credit = 1024 * 1024;
    /// Bytes of notifications that are on the way to this end or wait here for a handler, 1 KiB to 2 GiB - 1; each
    /// counts 128 bytes besides its topic and body. Sent in the HELLO. The others wait at the sender, by the rules of
    /// its topics, so less is fresher. From a peer that knows no credit the others are dropped and counted.
    std::size_t handling_queue = 1024 * 1024;
    std::size_t max_groups = 1024;  ///< Groups that one peer may be in.

    /// Cancels, and refusals by the library for the caller's own fault, that one peer may cause at once; what tasks
    /// answer is not counted...
    unsigned abuse_burst = 1000;
    unsigned abuse_per_second = 33;  ///< ...and how many per second are allowed again.
};

}  // namespace echosocket
