// Lets a coroutine wait for a value that another executor delivers.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace echosocket::net {

namespace asio = boost::asio;

/// What becomes of a wait if there is no memory to tell how it ended; the text is so short that it needs none.
[[nodiscard]] inline failure out_of_memory() {
    failure why(errc::overloaded, "out of memory");
    why.started = true;
    why.retryable = false;
    return why;
}

/// Whoever resumes a coroutine is not to suffer from what leaves it: that comes out of the `run()` of the coroutine's
/// own executor, as what Asio's handlers throw does.
inline void throw_there(const asio::any_io_executor& executor, std::exception_ptr thrown) noexcept {
    try {
        asio::post(executor, [thrown = std::move(thrown)] { std::rethrow_exception(thrown); });
    } catch (...) {  // no memory for that either
    }
}

/// A suspended coroutine, to be resumed exactly once, with a `T`, on its own executor. If this is dropped, because
/// whoever had it ran out of memory, the coroutine is resumed with `out_of_memory()`, or with an empty `T`.
template <class T>
class async_completion {
public:
    using signature = void(T);
    // The concrete handler type: `asio::any_completion_handler` recurses forever when moved in Boost 1.81.
    using handler = typename asio::async_result<asio::use_awaitable_t<>, signature>::handler_type;

    explicit async_completion(handler&& resume) noexcept : handler_(std::move(resume)) {}
    async_completion(async_completion&&) noexcept = default;
    ~async_completion() {
        if (handler_.entry_point() != nullptr) [[unlikely]]
            drop();
    }

    [[nodiscard]] asio::cancellation_slot slot() const noexcept {
        return asio::get_associated_cancellation_slot(handler_);
    }

    /// Resumes the coroutine inside this call if its executor allows it.
    void complete(T value) {
        const auto executor = handler_.get_executor();
        try {
            asio::dispatch(executor, bind(std::move(value)));
        } catch (...) {
            throw_there(executor, std::current_exception());
        }
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
            [start = std::move(start)](handler&& resume) mutable {
                try {
                    start(async_completion(std::move(resume)));
                } catch (...) {  // its completion was dropped, and has resumed the coroutine
                }
            },
            asio::use_awaitable);
    }

private:
    void drop() noexcept {
        try {
            if constexpr (std::is_constructible_v<T, failure>) {
                complete_later(T(out_of_memory()));
            } else {
                complete_later(T());
            }
        } catch (...) {  // destroyed with the coroutine
        }
    }

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
