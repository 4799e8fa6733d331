// Runs a coroutine from a subcommand that is not one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Runs `io` until `work` has ended; rethrows its exceptions.
template <class T>
T run_until_done(asio::io_context& io, asio::awaitable<T> work) {
    std::exception_ptr thrown;
    std::optional<T> outcome;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) {
        thrown = e;
        outcome.emplace(std::move(value));
    });
    io.restart();
    while (!outcome) io.run_one();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*outcome);
}

/// The same on an `io_context` of its own, which runs until nothing is left to do.
template <class T>
T run_to_end(asio::awaitable<T> work) {
    asio::io_context io(1);
    T outcome = run_until_done(io, std::move(work));
    io.run();
    return outcome;
}

}  // namespace echosocket::cli
