// Runs a function on another executor for a coroutine, which stays on its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace echosocket {

namespace asio = boost::asio;

namespace detail {

template <class Elsewhere>
[[nodiscard]] asio::any_io_executor executor_of(Elsewhere& elsewhere) {
    if constexpr (requires { elsewhere.get_executor(); }) {
        return elsewhere.get_executor();
    } else {
        return elsewhere;
    }
}

template <class Work>
decltype(auto) run_work(Work& work, const std::stop_token& stop) {
    if constexpr (std::invocable<Work&, std::stop_token>) {
        return work(stop);
    } else {
        return work();
    }
}
template <class Work>
using work_result = decltype(run_work(std::declval<Work&>(), std::declval<const std::stop_token&>()));

/// What a function came to: its value, or what it threw.
template <class T>
struct work_outcome {
    std::exception_ptr thrown;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
};

template <class Work>
[[nodiscard]] work_outcome<work_result<Work>> outcome_of(Work& work, const std::stop_token& stop) {
    work_outcome<work_result<Work>> outcome;
    try {
        if (stop.stop_requested()) throw boost::system::system_error(asio::error::operation_aborted);
        if constexpr (std::is_void_v<work_result<Work>>) {
            run_work(work, stop);
        } else {
            outcome.value.emplace(run_work(work, stop));
        }
    } catch (...) {
        outcome.thrown = std::current_exception();
    }
    return outcome;
}

// `work` by pointer, because GCC 12 copies aggregates inside of coroutines bit by bit.
template <class Work>
[[nodiscard]] asio::awaitable<work_result<Work>> run_elsewhere(asio::any_io_executor elsewhere,
                                                               std::shared_ptr<Work> work) {
    using outcome_type = work_outcome<work_result<Work>>;
    auto outcome = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(outcome_type)>(
        [&](auto&& handler) {
            std::stop_source stop;
            if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
                slot.assign([stop](asio::cancellation_type) mutable { stop.request_stop(); });
            // Work is outstanding on the handler's own executor until the handler has run there.
            auto home = asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
            asio::post(elsewhere, [work, stop, home, handler = std::move(handler)]() mutable {
                asio::post(home,
                           [handler = std::move(handler), came_to = outcome_of(*work, stop.get_token())]() mutable {
                               handler(std::move(came_to));
                           });
            });
        },
        asio::use_awaitable);
    if (outcome.thrown) std::rethrow_exception(outcome.thrown);
    if constexpr (!std::is_void_v<work_result<Work>>) co_return std::move(*outcome.value);
}

}  // namespace detail

}  // namespace echosocket
