// What one connection may cost, and what happens to notifications that a peer does not read. Needs no Asio.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace echosocket {

/// What happens to a notification for a peer that has not read the ones before it, once its queue is full.
enum class overflow : std::uint8_t {
    close,        ///< The peer's connection ends with `slow_consumer`: nobody misses anything without knowing.
    drop_oldest,  ///< The oldest queued notification of that topic gives way.
    drop_newest,  ///< The new one is dropped.
    keep_latest,  ///< A new one takes the place of the queued one with its key; where none has it, as `drop_oldest`.
};

/// How notifications of one topic, or of all topics that have no rules of their own, wait for one slow peer.
struct queue_rules {
    overflow policy = overflow::close;
    std::size_t max_bytes = 1024 * 1024;  ///< Of whole frames queued for one peer.
    std::size_t max_frames = 10'000;      ///< Queued for one peer.
};

/// What one connection may cost, at either end.
struct limits {
    std::size_t max_message = 16 * 1024 * 1024;  ///< Bytes of one body, all its frames together; at least `max_frame`.
                                                 ///< One that comes in pieces takes addresses for so many, 64 MiB at
                                                 ///< most, from its 129th KiB on; memory only as it fills them.
    std::size_t max_frame = 1024 * 1024;  ///< Bytes of one frame's body; larger bodies are split. 1 KiB to 64 MiB.
    std::uint32_t max_calls = 1024;       ///< Running calls that the other end may have here; told in the HELLO.
    unsigned max_nesting = 64;            ///< Depth of a decoded JSON value; deeper ones are `bad_request`.

    std::chrono::milliseconds hello_timeout{5'000};   ///< For the other end's whole HELLO.
    std::chrono::milliseconds frame_timeout{10'000};  ///< For a frame begun; a large one gets 1 s per 64 KiB at least.
    std::chrono::milliseconds idle_timeout{
        300'000};  ///< Without any frame but pings and no running call; 0 turns it off.
    std::chrono::milliseconds ping_interval{30'000};  ///< Silence before a ping, give or take 15 %; 0 turns it off.
    unsigned missed_pings = 2;                        ///< Unanswered pings in a row before the peer counts as lost.
    std::chrono::milliseconds write_timeout{10'000};  ///< Without one byte taken by the other end.

    std::size_t output_soft =
        1024 * 1024;  ///< Queued bytes above which this end stops taking new requests for a while.
    std::chrono::milliseconds output_soft_time{
        10'000};  ///< Time to take `output_soft` bytes before a slow peer is closed.
    std::size_t output_hard =
        8 * 1024 * 1024;  ///< Queued bytes above which finished calls keep their slot until there is room.

    std::uint32_t stream_credit = 1024 * 1024;  ///< Bytes of items that one stream may have under way to this end, at
                                                ///< least 4 KiB; an item takes half of it at most. Told in the HELLO.
                                                ///< Unread, the streams of one connection hold `max_calls` times it.
    std::size_t handling_queue = 1024 * 1024;   ///< Bytes of notifications that wait here for a handler that suspended;
                                                ///< further ones are dropped and counted.
    std::size_t max_groups = 1024;              ///< Groups that one peer may be in.

    unsigned abuse_burst = 1000;     ///< Cancels and errors that one peer may provoke at once...
    unsigned abuse_per_second = 33;  ///< ...and how fast that allowance comes back.
};

}  // namespace echosocket
