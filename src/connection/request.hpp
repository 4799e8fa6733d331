// A request on its way from its frame to its handler.
#pragma once

#include "memory/buffer_ref.hpp"
#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/task.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

class call_stream;

/// A message that came in several frames.
struct joined_message {
    std::string meta;
    std::string body;
    time_point begun;  ///< When the first frame came.
};

/// A REQUEST, its task found. The views point into what `block` or `message` keeps alive.
struct request {
    std::uint32_t id = 0;
    detail::task* task = nullptr;
    std::string_view name;
    std::string_view trace_id;
    std::string_view idempotency_key;
    std::string_view body;
    content_type type = content_type::bytes;
    std::uint8_t streams = 0;  ///< The protocol's bits.
    std::optional<time_point> deadline;
    buffer_ref block;
    std::shared_ptr<const joined_message> message;
    std::shared_ptr<call_stream> stream;
};

/// The meta of a REQUEST as it was read, for those behind it that have the same: they need not be read again.
class request_head {
public:
    /// False where it can't be read.
    [[nodiscard]] bool read(std::string_view meta);
    [[nodiscard]] bool is_of(std::string_view meta) const noexcept { return meta == bytes_; }
    /// Says of `r` what `f`, whose meta this is, says of it.
    void describe(const wire::frame& f, request& r) const noexcept;

    detail::task* task = nullptr;  ///< The one named, where it has been looked up.
    std::optional<std::uint32_t> deadline_ms;
    std::uint8_t streams = 0;  ///< The protocol's bits.

private:
    /// Where something lies in the meta.
    struct place {
        std::uint16_t begin = 0;
        std::uint16_t size = 0;
        [[nodiscard]] std::string_view of(std::string_view meta) const noexcept { return {meta.data() + begin, size}; }
    };

    std::string bytes_;
    place name_;
    place trace_id_;
    place idempotency_key_;
    content_type type_ = content_type::bytes;
};

}  // namespace echosocket::net
