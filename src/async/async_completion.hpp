// A coroutine's wait that is ended from another executor, with a value.
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

/// The suspended coroutine, to be resumed once with a `T` on its own executor.
template <class T>
class async_completion {
public:
    using signature = void(T);
    // The concrete handler: asio::any_completion_handler of Boost 1.81 recurses without end when it is moved.
    using handler = typename asio::async_result<asio::use_awaitable_t<>, signature>::handler_type;

    explicit async_completion(handler&& resume) : handler_(std::move(resume)) {}

    [[nodiscard]] asio::cancellation_slot slot() const noexcept {
        return asio::get_associated_cancellation_slot(handler_);
    }

    /// Resumes inside this call where the executors allow.
    void complete(T value) {
        auto executor = handler_.get_executor();
        asio::dispatch(executor, bind(std::move(value)));
    }

    /// Resumes later: for use inside the initiation, where resuming at once could recurse without end.
    void complete_later(T value) {
        auto executor = handler_.get_executor();
        asio::post(executor, bind(std::move(value)));
    }

    /// Suspends the calling coroutine and hands its completion to `start`.
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

/// Takes one out of where it waited; completions can be moved, but not assigned.
template <class Waiting>
void move_to(std::optional<Waiting>& to, std::optional<Waiting>& from) {
    if (from) to.emplace(std::move(*from));
    from.reset();
}

/// An awaitable of a value that is there already.
template <class T>
[[nodiscard]] asio::awaitable<T> already(T value) {
    co_return value;
}

}  // namespace echosocket::net
