// One direction of a simulated connection: bytes on their way, and bytes that have arrived.
#pragma once

#include "simulation/link_state.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::testing {

/// Pieces arrive in the order in which they were sent.
class one_way {
public:
    /// What travels. Behind `end` and `reset` nothing does.
    enum class what : std::uint8_t { bytes, end, reset };

    one_way(link_state& link, direction which) noexcept : link_(link), which_(which) {}

    /// Takes no more than `room()` of the bytes.
    void send(std::string_view bytes);
    void send(what mark);
    /// Moves in what is due; returns false if there is nothing.
    bool arrive();
    /// When the next piece arrives; empty if none does, as long as the link stays as it is.
    [[nodiscard]] std::optional<time_point> next_arrival() const;

    std::size_t read(asio::mutable_buffer into);
    void lose_what_is_on_its_way();
    void lose_what_has_arrived();

    [[nodiscard]] std::size_t room() const noexcept;
    [[nodiscard]] std::size_t unread() const noexcept { return arrived_.size() - read_; }
    [[nodiscard]] bool is_empty() const noexcept { return unread() == 0 && on_the_way_.empty(); }
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    [[nodiscard]] bool was_reset() const noexcept { return reset_; }

private:
    struct piece {
        time_point arrives;
        what kind;
        std::string bytes;
    };

    void put(what kind, std::string_view bytes);
    [[nodiscard]] bool loses_all();

    link_state& link_;
    const direction which_;
    std::deque<piece> on_the_way_;
    std::size_t bytes_on_the_way_ = 0;
    time_point last_arrival_{};
    time_point line_is_free_{};
    std::string arrived_;
    std::size_t read_ = 0;
    bool swallowed_ = false;  // something was lost, so that nothing behind it makes sense
    bool ended_ = false;
    bool reset_ = false;
};

}  // namespace echosocket::testing
