// Cancels work that makes no progress, or too little, however long it may take as long as it does.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace echosocket::cli {

namespace asio = boost::asio;

/// The progress that work reports.
struct movement {
    std::uint64_t steps = 0;  ///< Increases with each step of progress.
    bool excused = false;     ///< Waiting for something that may take any time.
};

/// Tells from looks at regular times whether work moves by at least so many steps between each and the fourth behind
/// it.
class pace {
public:
    static constexpr int looks = 4;

    explicit pace(std::uint64_t least) noexcept : least_(least) {}

    /// The first look is at the beginning. True if the work is too slow.
    [[nodiscard]] bool look_at(const movement& of) noexcept {
        if (of.excused) count_ = 0;
        auto& before = seen_[static_cast<std::size_t>(count_ % looks)];
        if (count_ >= looks && of.steps - before < least_) return true;
        before = of.steps;
        count_ = count_ + 1 == 2 * looks ? looks : count_ + 1;
        return false;
    }

private:
    std::uint64_t least_;
    std::array<std::uint64_t, looks> seen_{};
    int count_ = 0;  // of looks, at most twice as many as are kept
};

/// Returns when there were fewer than `least` steps in `limit` (ms), at most a quarter of it later.
inline asio::awaitable<void> wait_for_stall(const movement& of, std::chrono::milliseconds limit, std::uint64_t least,
                                            clock& time) {
    const auto pause = std::max(limit / pace::looks, std::chrono::milliseconds(1));
    pace checked(least);
    while (!checked.look_at(of)) co_await sleep_for(time, pause);
}

/// Cancels `work` when it has made fewer than `least` steps in `limit` (ms of `time`); 0 is no limit.
///
/// Errors: those of `work`; `deadline_exceeded` if it was cancelled.
/// Lifetime: `of` and `time` must outlive the returned awaitable.
template <class T>
asio::awaitable<result<T>> unless_stalled(asio::awaitable<result<T>> work, const movement& of,
                                          std::chrono::milliseconds limit, std::uint64_t least = 1,
                                          clock& time = steady_clock()) {
    using namespace asio::experimental::awaitable_operators;
    if (limit == std::chrono::milliseconds::zero()) {
        auto outcome = co_await std::move(work);
        co_return outcome;
    }
    auto either = std::move(work) || wait_for_stall(of, limit, least, time);
    auto first = co_await std::move(either);
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return failure(errc::deadline_exceeded, (least == 1 ? "nothing moved for " : "hardly anything moved for ") +
                                                   std::to_string(limit.count()) + " ms");
}

}  // namespace echosocket::cli
