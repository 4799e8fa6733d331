// The border to the code of the library's user: handlers, callbacks, the log sink.
#pragma once

#include "connection/log_limits.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/log.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::net {

/// What was thrown, in words.
[[nodiscard]] std::string text_of(const std::exception_ptr& thrown);

/// What the user's code throws ends nothing but what it was asked for: it is counted and logged, and the library goes
/// on. One for each server or client.
///
/// Thread safety: all members may be called from any thread.
class user_code {
public:
    user_code(log_sink log, const clock& time) : log_(std::move(log)), clock_(time) {}
    user_code(const user_code&) = delete;
    user_code& operator=(const user_code&) = delete;

    /// Calls `callback`. False if that threw; `what` names it in the log.
    template <class Callback>
    bool call(std::string_view what, Callback&& callback) noexcept {
        try {
            std::forward<Callback>(callback)();
            return true;
        } catch (...) {
            threw(what, std::current_exception());
            return false;
        }
    }

    /// Counts and logs what `what` has thrown.
    void threw(std::string_view what, const std::exception_ptr& thrown) noexcept;
    /// The same where the log has a text of its own.
    void count_exception() noexcept { exceptions_.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t exceptions() const noexcept { return exceptions_.load(std::memory_order_relaxed); }

    [[nodiscard]] bool has_log() const noexcept { return static_cast<bool>(log_); }
    void log(log_level level, std::string_view text) noexcept;
    /// The same for a line that a peer can bring about at will: `text()` makes it, unless there were too many like it.
    template <class Text>
    void log_some(log_limits::kind which, log_level level, const Text& text) noexcept {
        if (!has_log()) return;
        try {
            if (const auto withheld = limits_.admit(which, clock_.now())) log(level, line_behind(*withheld, text()));
        } catch (...) {  // no memory for the line
        }
    }
    /// How many lines were withheld that no line has told of yet.
    void log_withheld() noexcept;

private:
    const log_sink log_;
    const clock& clock_;
    log_limits limits_;
    std::atomic<std::uint64_t> exceptions_ = 0;
};

}  // namespace echosocket::net
