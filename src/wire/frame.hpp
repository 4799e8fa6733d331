// Frames: the only shape that bytes have on the wire. Pure: bytes in, frames out.
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

/// The kind's name as docs/protocol.md writes it, `REQUEST`; `unknown` for the rest.
[[nodiscard]] std::string_view name_of(frame_kind kind) noexcept;
[[nodiscard]] constexpr bool is_known(frame_kind kind) noexcept {
    return kind >= frame_kind::hello && kind <= frame_kind::goaway;
}
/// May a body of this kind continue in further frames, with MORE? `fault_of` names it a fault elsewhere.
[[nodiscard]] constexpr bool is_splittable(frame_kind kind) noexcept {
    return kind == frame_kind::request || kind == frame_kind::response || kind == frame_kind::notify;
}

inline constexpr std::uint8_t flag_more = 0x01;       ///< The body continues in the next frame of this kind and id.
inline constexpr std::uint8_t flag_ignorable = 0x02;  ///< Skip the frame where its kind is unknown.

inline constexpr std::size_t length_size = 4;   ///< Bytes of the length field, which does not count itself.
inline constexpr std::size_t header_size = 12;  ///< The length field and the rest of the fixed header.
inline constexpr std::size_t max_meta = 4096;   ///< Bytes of meta in one frame.
inline constexpr std::size_t max_text = 4096;   ///< Bytes of text that a sender of ERROR, END or GOAWAY adds at most.
inline constexpr std::size_t max_ping = 64;     ///< Bytes of a PING's body.
inline constexpr std::size_t max_hello = 16 * 1024;  ///< Largest length field before the HELLO is complete.

/// A frame in place: views into the buffer that it was read from.
struct frame {
    frame_kind kind{};
    std::uint8_t flags = 0;
    std::uint32_t id = 0;
    std::string_view meta{};
    std::string_view body{};

    [[nodiscard]] bool more() const noexcept { return (flags & flag_more) != 0; }
    [[nodiscard]] bool ignorable() const noexcept { return (flags & flag_ignorable) != 0; }
};

/// What the head of a buffer holds.
enum class parse_status : std::uint8_t {
    complete,    ///< `frame` and `size` are set.
    incomplete,  ///< `size` bytes are needed in all before it is worth to look again (at least 1 more than there are).
    oversized,   ///< A well-formed header whose body is above `max_frame` but not above `max_skip`, of a kind without
                 ///< which the connection can go on: `frame` has kind, flags and id, `size` is the whole frame's, to
                 ///< be skipped.
    invalid,     ///< The connection ends with `error` and `detail`.
};

struct parsed {
    parse_status status = parse_status::incomplete;
    wire::frame frame{};
    std::size_t size = 0;
    errc error{};
    std::string_view detail{};  ///< Static text.
};

/// What a well-formed frame breaks of the rules that need no knowledge of the connection: MORE where nothing may be
/// split, an id where there is none, too long a PING, a meta that can't be read. Static text, empty where nothing; a
/// fault is a `protocol_error`. Unknown kinds have none.
[[nodiscard]] std::string_view fault_of(const frame& f) noexcept;

/// What the parser holds a frame against.
struct frame_limits {
    std::size_t max_frame = 1024 * 1024;      ///< Bytes of one frame's body.
    std::size_t max_skip = 16 * 1024 * 1024;  ///< Bytes of a body that is still skipped rather than fatal.
};

namespace detail {
[[nodiscard]] parsed parse_unfinished_or_bad(std::string_view bytes, const frame_limits& limits) noexcept;
}

/// Looks at the frame at the head of `bytes`. Looks no further than the header before the length has been checked.
/// Unknown kinds are returned as complete frames; what becomes of them is the caller's to say.
///
/// Inline, so that a loop over many frames keeps the result in registers; whatever is not a whole, good frame is
/// judged out of line.
[[nodiscard]] inline parsed parse_frame(std::string_view bytes, const frame_limits& limits) noexcept {
    static_assert(sizeof(std::size_t) > sizeof(std::uint32_t), "a length field plus anything must not wrap");
    if (bytes.size() >= header_size) [[likely]] {
        const char* head = bytes.data();
        // Below 8 this wraps around to more than any buffer holds, which saves a comparison.
        const std::size_t rest = std::size_t{load<std::uint32_t>(head)} - (header_size - length_size);
        const std::size_t meta_size = load<std::uint16_t>(head + 6);
        if (rest <= bytes.size() - header_size && meta_size <= max_meta && meta_size <= rest &&
            rest - meta_size <= limits.max_frame) [[likely]] {
            return {.status = parse_status::complete,
                    .frame = {.kind = static_cast<frame_kind>(head[4]),
                              .flags = static_cast<std::uint8_t>(head[5]),
                              .id = load<std::uint32_t>(head + 8),
                              .meta = {head + header_size, meta_size},
                              .body = {head + header_size + meta_size, rest - meta_size}},
                    .size = header_size + rest};
        }
    }
    return detail::parse_unfinished_or_bad(bytes, limits);
}

/// Writes a fixed header to `out`, which has room for `header_size` bytes. `meta_size` is at most `max_meta`,
/// `body_size` below 2^31.
inline void write_header(char* out, frame_kind kind, std::uint8_t flags, std::uint32_t id, std::size_t meta_size,
                         std::size_t body_size) noexcept {
    out = store(out, static_cast<std::uint32_t>(header_size - length_size + meta_size + body_size));
    out = store(out, static_cast<std::uint8_t>(kind));
    out = store(out, flags);
    out = store(out, static_cast<std::uint16_t>(meta_size));
    store(out, id);
}

/// Appends a whole frame.
void append_frame(std::string& out, const frame& f);

}  // namespace echosocket::wire
