// The HELLO, the first frame of each end.
#pragma once

#include "wire/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::wire {

inline constexpr std::string_view magic = "ECHO";
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 0;

/// Limits for the connecting end until it has the other end's HELLO: running calls, and bytes of one frame's body.
inline constexpr std::uint32_t calls_before_hello = 64;
inline constexpr std::uint32_t frame_before_hello = 64 * 1024;

/// What each end tells the other about itself.
struct hello {
    std::uint16_t major = version_major;  ///< Another major version is incompatible.
    std::uint16_t minor = version_minor;
    std::string name{};                            ///< 1 to 255 bytes of UTF-8.
    std::string software{};                        ///< For people: `echosocket/1.0`; at most 255 bytes.
    std::uint32_t max_frame = 1024 * 1024;         ///< Bytes of one frame's body that this end takes.
    std::uint64_t max_message = 16 * 1024 * 1024;  ///< Bytes of a whole body that this end takes.
    std::uint32_t max_calls = 1024;                ///< Calls that the other end may have running here.
    std::uint32_t stream_credit = 256 * 1024;      ///< Bytes of ITEM frames that each new stream may send at once.
    /// Bytes that unhandled notifications may cost here, 1 KiB at least. If either end tells none, nothing limits them.
    std::optional<std::uint32_t> notify_credit{};
};

/// Checks whether `bytes`, however few, can still become a HELLO frame. If not, returns `not_echosocket` as soon as one
/// byte shows it: a wrong kind, id or magic, or a length that no HELLO has.
struct hello_check {
    errc error{};  ///< Zero if the check passed.
    std::string_view detail{};
};
[[nodiscard]] hello_check check_hello_start(std::string_view bytes) noexcept;
/// The same at the connecting end, which may get an ERROR with id 0 instead of a HELLO.
[[nodiscard]] hello_check check_answer_start(std::string_view bytes) noexcept;

/// Parses a complete HELLO frame; unknown records are skipped. Returns `unsupported_version` if the major version
/// differs, `protocol_error` for a bad name, a record that is cut short, or a limit out of range.
[[nodiscard]] hello_check parse_hello(const frame& f, hello& out);

void append_hello(std::string& out, const hello& h);

}  // namespace echosocket::wire
