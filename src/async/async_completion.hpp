// Lets a coroutine wait for a value that another executor delivers.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// A suspended coroutine, to be resumed exactly once, with a `T`, on its own executor.
template <class T>
class async_completion {
public:
    using signature = void(T);
    // The concrete handler type: `asio::any_completion_handler` recurses forever when moved in Boost 1.81.
    using handler = typename asio::async_result<asio::use_awaitable_t<>, signature>::handler_type;

    explicit async_completion(handler&& resume) : handler_(std::move(resume)) {}

    [[nodiscard]] asio::cancellation_slot slot() const noexcept {
        return asio::get_associated_cancellation_slot(handler_);
    }

    /// Resumes the coroutine inside this call if its executor allows it.
    void complete(T value) {
        auto executor = handler_.get_executor();
        asio::dispatch(executor, bind(std::move(value)));
    }

    /// Resumes the coroutine later: inside the initiation, resuming at once could recurse without limit.
    void complete_later(T value) {
        auto executor = handler_.get_executor();
        asio::post(executor, bind(std::move(value)));
    }

    /// Suspends the calling coroutine and passes its completion to `start`.
    template <class Start>
    [[nodiscard]] static asio::awaitable<T> suspend(Start start) {
        return asio::async_initiate<const asio::use_awaitable_t<>, signature>(
            [start = std::move(start)](handler&& resume) mutable { start(async_completion(std::move(resume))); },
            asio::use_awaitable);
    }

private:
    auto bind(T value) {
        return [resume = std::move(handler_), value = std::move(value)]() mutable { resume(std::move(value)); };
    }

    handler handler_;
};

/// Moves a completion out of its place; completions can be moved but not assigned.
template <class Waiting>
void move_to(std::optional<Waiting>& to, std::optional<Waiting>& from) {
    if (from) to.emplace(std::move(*from));
    from.reset();
}

/// An awaitable that is already complete.
template <class T>
[[nodiscard]] asio::awaitable<T> already(T value) {
    co_return value;
}

}  // namespace echosocket::net
