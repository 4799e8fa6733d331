// Cancels work that makes no progress, however long it may take as long as it does.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>

namespace echosocket::cli {

namespace asio = boost::asio;

/// The progress that work reports.
struct movement {
    std::uint64_t steps = 0;  ///< Increases with each step of progress.
    bool excused = false;     ///< Waiting for something that may take any time.
};

/// Returns when there was no progress for `limit` (ms), at most a quarter of it later.
inline asio::awaitable<void> wait_for_stall(const movement& of, std::chrono::milliseconds limit) {
    constexpr int looks = 4;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    auto seen = of.steps;
    for (int unmoved = 0; unmoved < looks; ++unmoved) {
        pause.expires_after(std::max(limit / looks, std::chrono::milliseconds(1)));
        co_await pause.async_wait(asio::use_awaitable);
        if (of.steps != seen || of.excused) unmoved = -1;
        seen = of.steps;
    }
}

/// Cancels `work` when it has made no progress for `limit` (ms); 0 is no limit.
///
/// Errors: those of `work`; `deadline_exceeded` if it was cancelled.
/// Lifetime: `of` must outlive the returned awaitable.
template <class T>
asio::awaitable<result<T>> unless_stalled(asio::awaitable<result<T>> work, const movement& of,
                                          std::chrono::milliseconds limit) {
    using namespace asio::experimental::awaitable_operators;
    if (limit == std::chrono::milliseconds::zero()) {
        auto outcome = co_await std::move(work);
        co_return outcome;
    }
    auto either = std::move(work) || wait_for_stall(of, limit);
    auto first = co_await std::move(either);
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return failure(errc::deadline_exceeded, "nothing moved for " + std::to_string(limit.count()) + " ms");
}

}  // namespace echosocket::cli
