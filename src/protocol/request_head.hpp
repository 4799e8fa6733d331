// The meta of a REQUEST as it was read, for the requests behind it that have the same: they need not be read again.
#pragma once

#include "protocol/event.hpp"
#include "wire/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::protocol {

class request_head {
public:
    /// False if the meta can't be read.
    [[nodiscard]] bool read(std::string_view meta);
    /// Was this read from the same bytes?
    [[nodiscard]] bool is_of(std::string_view meta) const noexcept { return meta == bytes_; }
    /// Fills `e` for the request in `f`, whose meta has been read.
    void describe(const wire::frame& f, event& e) const noexcept;

    /// Does it name a task with 1 to 255 bytes of UTF-8?
    [[nodiscard]] bool has_name() const noexcept { return has_name_; }
    [[nodiscard]] const std::optional<std::uint32_t>& deadline_ms() const noexcept { return deadline_ms_; }

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
    std::optional<std::uint32_t> deadline_ms_;
    bool has_name_ = false;
    std::uint8_t streams_ = 0;  // the protocol's bits
    content_type type_ = content_type::bytes;
};

}  // namespace echosocket::protocol
