// Log lines that a peer can bring about at will: a few of each kind, and how many more there were.
#pragma once

#include "protocol/token_bucket.hpp"

#include <echosocket/clock.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

/// One for all connections of a server, or of a client: many connections are as easily made as many calls.
///
/// Thread safety: all members may be called from any thread.
class log_limits {
public:
    enum class kind : std::uint8_t {
        task_threw,
        notification_failed,
        slow_peer,
        callback_threw,
        cannot_accept,
        orphan_cancelled,
    };
    static constexpr std::size_t kinds = 6;

    /// How many lines of that kind were withheld since the last one; nothing if this one is withheld too.
    [[nodiscard]] std::optional<std::uint64_t> admit(kind which, time_point now);
    /// How many were withheld since the last one, and no more are to come.
    [[nodiscard]] std::uint64_t take_withheld(kind which);

private:
    struct counted_lines {
        protocol::token_bucket allowance{20, 1};  // lines at once, and lines a second
        std::uint64_t withheld = 0;
    };
    counted_lines& of(kind which) noexcept { return lines_[static_cast<std::size_t>(which)]; }

    std::mutex mutex_;
    std::array<counted_lines, kinds> lines_;
};

/// What the lines of a kind tell of.
[[nodiscard]] std::string_view name_of(log_limits::kind which) noexcept;
/// The line, and how many like it were withheld before.
[[nodiscard]] std::string line_behind(std::uint64_t withheld, std::string line);

}  // namespace echosocket::net
