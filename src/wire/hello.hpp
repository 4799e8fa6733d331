// The HELLO: the one frame that each end sends first.
#pragma once

#include "wire/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::wire {

inline constexpr std::string_view magic = "ECHO";
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 0;

/// What the connecting end keeps to until it has the other's HELLO.
inline constexpr std::uint32_t calls_before_hello = 64;
inline constexpr std::uint32_t frame_before_hello = 64 * 1024;

/// What one end tells the other about itself.
struct hello {
    std::uint16_t major = version_major;  ///< Another major version can't be talked to.
    std::uint16_t minor = version_minor;
    std::string name{};                            ///< 1 to 255 bytes of UTF-8.
    std::string software{};                        ///< For people: `echosocket/1.0`; at most 255 bytes.
    std::uint32_t max_frame = 1024 * 1024;         ///< Largest body of a frame that this end takes.
    std::uint64_t max_message = 16 * 1024 * 1024;  ///< Largest body in all.
    std::uint32_t max_calls = 1024;                ///< Calls that the other end may have running here.
    std::uint32_t stream_credit = 256 * 1024;      ///< Bytes of ITEM frames that each new stream may send at once.
};

/// Can `bytes`, however few, still become a HELLO frame? Nothing where they can; otherwise why not:
/// `not_echosocket` (wrong kind, id or magic, or a length no HELLO has) as soon as a byte tells.
struct hello_check {
    errc error{};  ///< Zero where it can.
    std::string_view detail{};
};
[[nodiscard]] hello_check check_hello_start(std::string_view bytes) noexcept;
/// The same at the connecting end, which in place of a HELLO may be sent an ERROR of id 0.
[[nodiscard]] hello_check check_answer_start(std::string_view bytes) noexcept;

/// Reads a complete HELLO frame. Unknown records are skipped. `unsupported_version` where the major version differs,
/// `protocol_error` for a bad name, a cut record, or a limit out of range.
[[nodiscard]] hello_check parse_hello(const frame& f, hello& out);

void append_hello(std::string& out, const hello& h);

}  // namespace echosocket::wire
