// Work that SIGINT and SIGTERM cancel, so that it releases its resources and undoes what it began.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

namespace echosocket::cli {

namespace asio = boost::asio;

namespace detail {

/// Never throws: `||` does not count an exception as an end, and would keep waiting for the signal.
template <class T>
asio::awaitable<std::optional<T>> keep_exception(asio::awaitable<T> work, std::exception_ptr& thrown) {
    try {
        auto outcome = co_await std::move(work);
        co_return std::optional<T>(std::move(outcome));
    } catch (...) {
        thrown = std::current_exception();
    }
    co_return std::nullopt;
}

}  // namespace detail

/// Returns the result of `work`, or the signal that cancelled it. Rethrows its exceptions.
template <class T>
asio::awaitable<std::variant<T, int>> until_signal(asio::awaitable<T> work) {
    using namespace asio::experimental::awaitable_operators;
    using outcome = std::variant<T, int>;
    const auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    std::exception_ptr thrown;
    auto either =
        detail::keep_exception(std::move(work), thrown) || signals.async_wait(asio::as_tuple(asio::use_awaitable));
    auto first = co_await std::move(either);
    if (first.index() == 1) co_return outcome(std::in_place_index<1>, std::get<1>(std::get<1>(first)));
    if (thrown) std::rethrow_exception(thrown);
    co_return outcome(std::in_place_index<0>, std::move(*std::get<0>(first)));
}

}  // namespace echosocket::cli
