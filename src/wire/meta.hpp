// The meta of a frame: tag-length-value records that describe the body.
#pragma once

#include "wire/frame.hpp"

#include <echosocket/content_type.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace echosocket::wire {

enum class meta_tag : std::uint8_t {
    name = 1,      ///< Task of a REQUEST, topic of a NOTIFY: 1 to 255 bytes of UTF-8.
    deadline = 2,  ///< u32, ms that the caller will wait, counted from the arrival of the frame.
    code = 3,      ///< u16, the errc of an ERROR, GOAWAY or failed END.
    facts = 4,     ///< u8 of an ERROR or failed END: bits 0 worth a retry, 1 the task had started, 2 the task's own.
    trace_id = 5,  ///< Opaque, at most `max_trace_id` bytes.
    idempotency_key = 6,  ///< Opaque, at most `max_idempotency_key` bytes.
    content_type = 7,     ///< u8 of a body: 0 bytes (the default), 1 JSON; others are read as 0.
    last_call = 8,        ///< u32 of a GOAWAY: the last call id that will be served.
    credit = 9,           ///< u32 of a CREDIT: further bytes that ITEM frames, or NOTIFYs if its id is 0, may cost.
    streams = 10,         ///< u8 of a REQUEST: bit 0 the caller sends items, bit 1 the caller takes items.
};

inline constexpr std::size_t max_trace_id = 64;         ///< Bytes.
inline constexpr std::size_t max_idempotency_key = 64;  ///< Bytes.

inline constexpr std::uint8_t fact_retryable = 0x01;
inline constexpr std::uint8_t fact_started = 0x02;
inline constexpr std::uint8_t fact_of_task = 0x04;
inline constexpr std::uint8_t stream_from_caller = 0x01;
inline constexpr std::uint8_t stream_to_caller = 0x02;

/// The records of one frame; views point into the frame.
struct meta {
    std::string_view name{};
    std::optional<std::uint32_t> deadline_ms{};
    std::uint16_t code = 0;
    std::uint8_t facts = 0;
    std::string_view trace_id{};
    std::string_view idempotency_key{};
    echosocket::content_type content_type = echosocket::content_type::bytes;
    std::optional<std::uint32_t> last_call{};
    std::optional<std::uint32_t> credit{};
    std::uint8_t streams = 0;
};

/// Reads records; skips unknown tags, and keeps the last record of a repeated tag. Returns false if a record is cut
/// short or a known one has an invalid length.
[[nodiscard]] bool parse_meta(std::string_view bytes, meta& out) noexcept;

[[nodiscard]] std::size_t meta_size(const meta& m) noexcept;
/// Writes exactly `meta_size(m)` bytes; skips absent records and default values.
void write_meta(char* out, const meta& m) noexcept;

}  // namespace echosocket::wire
