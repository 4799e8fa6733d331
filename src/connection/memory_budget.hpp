// What a server's connections hold in memory for their peers, and how much that may be.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

namespace echosocket::net {

/// Bytes that are held for all peers of one server together: bodies, unread items, queued output, and the blocks that
/// running calls look at.
///
/// Thread safety: all members may be called from any thread.
class memory_budget {
public:
    /// Is told on the thread that crosses a bound.
    class watcher {
    public:
        /// More than the soft share is held, or no longer; one call at a time.
        virtual void memory_is_short(bool is_short) noexcept = 0;
        /// More is held than there is: somebody has to go. Told again with whatever is held beyond.
        virtual void memory_is_exceeded() noexcept = 0;

    protected:
        ~watcher() = default;
    };

    memory_budget(std::size_t bytes, watcher& told) noexcept : bytes_(bytes), soft_(bytes / 4 * 3), told_(told) {}
    memory_budget(const memory_budget&) = delete;
    memory_budget& operator=(const memory_budget&) = delete;

    void hold(std::size_t bytes) noexcept;
    void release(std::size_t bytes) noexcept;

    [[nodiscard]] std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
    /// Is so much held that no new work is taken?
    [[nodiscard]] bool is_short() const noexcept { return held() > soft_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    void tell() noexcept;

    const std::size_t bytes_;
    const std::size_t soft_;
    watcher& told_;
    std::atomic<std::size_t> held_ = 0;
    std::mutex telling_;
};

/// 1 GiB, or a quarter of this machine's memory if that is less.
[[nodiscard]] std::size_t default_memory_budget() noexcept;

}  // namespace echosocket::net
