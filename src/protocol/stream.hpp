// The items of one call, both directions, at one end: who may send what, and how much of it. Plain data.
#pragma once

#include "protocol/stream_credit.hpp"

#include <cstddef>
#include <cstdint>

namespace echosocket::protocol {

/// The engine's side of a stream. Whoever holds the user's side derives a type of its own.
///
/// Lifetime: from `streams::open` to `streams::close` it has to stay where it is.
class stream {
public:
    /// `bits` are those of the REQUEST; `receive_window` is what this end's HELLO promised, in bytes.
    stream(bool is_caller, std::uint8_t bits, std::uint32_t receive_window) noexcept
        : receive_credit_(receive_window), bits_(bits), is_caller_(is_caller) {}

    [[nodiscard]] std::uint8_t bits() const noexcept { return bits_; }
    [[nodiscard]] bool is_caller() const noexcept { return is_caller_; }
    /// May this end send items? The protocol's bit 0 says that the caller does, bit 1 that it takes items.
    [[nodiscard]] bool sends() const noexcept { return (bits_ & (is_caller_ ? 1U : 2U)) != 0; }
    [[nodiscard]] bool takes() const noexcept { return (bits_ & (is_caller_ ? 2U : 1U)) != 0; }
    /// Bytes that one item may cost at most; 0 until the call was sent and the other end's HELLO has come.
    [[nodiscard]] std::size_t largest_item() const noexcept { return largest_item_; }
    /// Has the call been sent, or come in, so that items may go out?
    [[nodiscard]] bool is_open() const noexcept { return is_open_; }
    /// Bytes of credit that are left.
    [[nodiscard]] std::size_t credit() const noexcept { return send_credit_.left(); }

private:
    friend class streams;

    send_credit send_credit_;
    receive_credit receive_credit_;
    std::size_t largest_item_ = 0;
    std::uint32_t id_ = 0;
    std::uint8_t bits_;
    bool is_caller_;
    bool is_open_ = false;
    bool end_sent_ = false;
    bool end_came_ = false;
    bool over_ = false;  // the call has been answered, or is being cancelled
    bool awaits_room_ = false;
};

}  // namespace echosocket::protocol
