// When to ask whether the other end is still there, and when to stop believing it. Pure: the caller names the time.
#pragma once

#include <chrono>
#include <optional>

namespace echosocket::protocol {

/// Any byte received is proof of life; silence is answered with pings, and unanswered pings with the end. A line that
/// carries nothing but pings is idle, and ends too.
class liveness {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    enum class verdict { fine, send_ping, lost, idle };

    /// `interval` already has its jitter; zero turns pings off. Zero `idle_limit` turns that limit off.
    liveness(time_point now, milliseconds interval, unsigned missed_allowed, milliseconds idle_limit) noexcept
        : interval_(interval), idle_limit_(idle_limit), missed_allowed_(missed_allowed), asked_(now), used_(now) {}

    void heard(time_point now) noexcept {
        asked_ = now;
        unanswered_ = 0;
    }

    /// More than a ping came, or a call is running.
    void used(time_point now) noexcept { used_ = now; }

    /// What is due at `now`. `send_ping` counts as done.
    verdict check(time_point now) noexcept {
        if (idle_limit_.count() > 0 && now >= used_ + idle_limit_) return verdict::idle;
        if (interval_.count() == 0 || now < asked_ + interval_) return verdict::fine;
        if (unanswered_ >= missed_allowed_) return verdict::lost;
        ++unanswered_;
        asked_ = now;
        return verdict::send_ping;
    }

    /// When `check` should be asked next.
    [[nodiscard]] std::optional<time_point> next_check() const noexcept {
        std::optional<time_point> next;
        if (interval_.count() > 0) next = asked_ + interval_;
        if (idle_limit_.count() > 0 && (!next || used_ + idle_limit_ < *next)) next = used_ + idle_limit_;
        return next;
    }

private:
    milliseconds interval_;
    milliseconds idle_limit_;
    unsigned missed_allowed_;
    unsigned unanswered_ = 0;
    time_point asked_;  ///< Or heard.
    time_point used_;
};

}  // namespace echosocket::protocol
