#include "connection/log_limits.hpp"

#include <utility>

namespace echosocket::net {

std::optional<std::uint64_t> log_limits::admit(kind which, time_point now) {
    const std::lock_guard lock(mutex_);
    auto& lines = of(which);
    if (lines.allowance.take(now)) return std::exchange(lines.withheld, 0);
    ++lines.withheld;
    return std::nullopt;
}

std::uint64_t log_limits::take_withheld(kind which) {
    const std::lock_guard lock(mutex_);
    return std::exchange(of(which).withheld, 0);
}

std::string_view name_of(log_limits::kind which) noexcept {
    using line = log_limits::kind;
    switch (which) {
        case line::task_threw:
            return "a task failed with an exception";
        case line::notification_failed:
            return "the handler of a notification failed";
        case line::slow_peer:
            return "a peer read too slowly";
        case line::callback_threw:
            return "a callback threw";
        case line::cannot_accept:
            return "a connection could not be accepted";
        case line::orphan_cancelled:
            return "a call without its connection was cancelled";
    }
    return "unknown";
}

std::string line_behind(std::uint64_t withheld, std::string line) {
    if (withheld != 0) line += " (and " + std::to_string(withheld) + " more like it before)";
    return line;
}

}  // namespace echosocket::net
