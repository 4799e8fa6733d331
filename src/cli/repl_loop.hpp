// The loop of `echosocket repl` and `chat`: keys, Ctrl-C and the connection, all on one thread.
#pragma once

#include "cli/line_input.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <initializer_list>
#include <optional>
#include <utility>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Runs the event loop until the awaited input or work is there.
class repl_loop {
public:
    /// `interrupts` are the signals that count as Ctrl-C.
    explicit repl_loop(std::initializer_list<int> interrupts = {SIGINT});

    [[nodiscard]] asio::io_context& io() noexcept { return io_; }

    /// Waits for standard input or Ctrl-C.
    [[nodiscard]] input_wake wait_for_input();

    /// Runs `work` to its end; Ctrl-C cancels it. Rethrows its exceptions.
    template <class T>
    T run(asio::awaitable<T> work) {
        std::exception_ptr thrown;
        std::optional<T> outcome;
        asio::cancellation_signal cancel;
        auto done = [&](std::exception_ptr e, T value) {
            thrown = e;
            outcome.emplace(std::move(value));
        };
        asio::co_spawn(io_, std::move(work), asio::bind_cancellation_slot(cancel.slot(), std::move(done)));
        running_ = &cancel;
        while (!outcome) io_.run_one();
        running_ = nullptr;
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*outcome);
    }

    /// Closes the connection; Ctrl-C does not wait for the server.
    void close(client server);

    /// Stops waiting for signals and input, and runs everything that is left.
    void finish();

private:
    void watch_interrupts();
    void interrupt();

    asio::io_context io_{1};
    asio::signal_set interrupts_{io_};
    asio::posix::stream_descriptor input_{io_};
    asio::cancellation_signal* running_ = nullptr;
    bool interrupted_ = false;
};

}  // namespace echosocket::cli
