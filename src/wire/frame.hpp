// Frames, the only structure on the wire. Pure: bytes in, frames out.
#pragma once

#include "wire/little_endian.hpp"

#include <echosocket/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::wire {

enum class frame_kind : std::uint8_t {
    hello = 1,
    request = 2,
    response = 3,
    error = 4,
    cancel = 5,
    notify = 6,
    item = 7,
    end = 8,
    credit = 9,
    ping = 10,
    pong = 11,
    goaway = 12,
};

/// The kind's name in docs/protocol.md, for example `REQUEST`; `unknown` for the rest.
[[nodiscard]] std::string_view name_of(frame_kind kind) noexcept;
[[nodiscard]] constexpr bool is_known(frame_kind kind) noexcept {
    return kind >= frame_kind::hello && kind <= frame_kind::goaway;
}
/// Returns true if a body of this kind may be split over several frames. On other kinds MORE is a fault (`fault_of`).
[[nodiscard]] constexpr bool is_splittable(frame_kind kind) noexcept {
    return kind == frame_kind::request || kind == frame_kind::response || kind == frame_kind::notify;
}

inline constexpr std::uint8_t flag_more = 0x01;       ///< The body continues in the next frame of this kind and id.
inline constexpr std::uint8_t flag_ignorable = 0x02;  ///< Skip the frame if its kind is unknown.

inline constexpr std::size_t length_size = 4;   ///< Bytes of the length field, which does not count itself.
inline constexpr std::size_t header_size = 12;  ///< Bytes of the fixed header, including the length field.
inline constexpr std::size_t max_meta = 4096;   ///< Bytes of meta in one frame.
inline constexpr std::size_t max_text = 4096;   ///< Bytes of text that an ERROR, END or GOAWAY is sent with at most.
inline constexpr std::size_t max_ping = 64;     ///< Bytes of a PING's body.
inline constexpr std::size_t max_hello = 16 * 1024;  ///< Largest length field before the HELLO is complete.

/// A frame in place: its views point into the buffer that it was read from.
struct frame {
    frame_kind kind{};
    std::uint8_t flags = 0;
    std::uint32_t id = 0;
    std::string_view meta{};
    std::string_view body{};

    [[nodiscard]] bool more() const noexcept { return (flags & flag_more) != 0; }
    [[nodiscard]] bool ignorable() const noexcept { return (flags & flag_ignorable) != 0; }
};

/// What is at the head of a buffer.
enum class parse_status : std::uint8_t {
    complete,    ///< `frame` and `size` are set.
    incomplete,  ///< Not enough bytes: parse again when `size` bytes are there (more than now).
    oversized,   ///< A valid header whose body is above `max_frame` but not above `max_skip`, of a kind that the
                 ///< connection can do without. `frame` has kind, flags and id; skip `size` bytes.
    invalid,     ///< The connection ends with `error` and `detail`.
};

struct parsed {
    parse_status status = parse_status::incomplete;
    wire::frame frame{};
    std::size_t size = 0;
    errc error{};
    std::string_view detail{};  ///< Static text.
};

/// Checks the rules that need no state of the connection: MORE on a kind that is never split, an id on a kind that has
/// none, a PING that is too long, meta that cannot be parsed. Returns a static text for the `protocol_error`, empty if
/// there is none. Unknown kinds have no faults.
[[nodiscard]] std::string_view fault_of(const frame& f) noexcept;

/// The limits that the parser enforces.
struct frame_limits {
    std::size_t max_frame = 1024 * 1024;      ///< Bytes of one frame's body.
    std::size_t max_skip = 16 * 1024 * 1024;  ///< Bytes of a body that is skipped; a larger one ends the connection.
};

namespace detail {
[[nodiscard]] parsed parse_unfinished_or_bad(std::string_view bytes, const frame_limits& limits) noexcept;
}

/// Parses the frame at the head of `bytes`. Reads only the header until the length has been checked. Unknown kinds are
/// returned as complete frames; the caller decides what to do with them.
///
/// Inline, so that a loop over many frames keeps the result in registers; anything but a complete, valid frame is
/// handled out of line.
[[nodiscard]] inline parsed parse_frame(std::string_view bytes, const frame_limits& limits) noexcept {
    static_assert(sizeof(std::size_t) > sizeof(std::uint32_t), "a length field plus its own size must not wrap");
    if (bytes.size() >= header_size) [[likely]] {
        const char* head = bytes.data();
        const std::size_t length = load<std::uint32_t>(head);
        const std::size_t meta_size = load<std::uint16_t>(head + 6);
        const std::size_t body_at = header_size + meta_size;
        const std::size_t size = length_size + length;
        if (size >= body_at && size <= bytes.size() && meta_size <= max_meta && size - body_at <= limits.max_frame)
            [[likely]] {
            return {.status = parse_status::complete,
                    .frame = {.kind = static_cast<frame_kind>(head[4]),
                              .flags = static_cast<std::uint8_t>(head[5]),
                              .id = load<std::uint32_t>(head + 8),
                              .meta = {head + header_size, meta_size},
                              .body = {head + body_at, size - body_at}},
                    .size = size};
        }
    }
    return detail::parse_unfinished_or_bad(bytes, limits);
}

/// Writes a fixed header of `header_size` bytes to `out`. `meta_size` must be at most `max_meta`, `body_size` below
/// 2^31.
inline void write_header(char* out, frame_kind kind, std::uint8_t flags, std::uint32_t id, std::size_t meta_size,
                         std::size_t body_size) noexcept {
    out = store(out, static_cast<std::uint32_t>(header_size - length_size + meta_size + body_size));
    out = store(out, static_cast<std::uint8_t>(kind));
    out = store(out, flags);
    out = store(out, static_cast<std::uint16_t>(meta_size));
    store(out, id);
}

void append_frame(std::string& out, const frame& f);

}  // namespace echosocket::wire
