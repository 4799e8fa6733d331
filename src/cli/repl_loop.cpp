#include "cli/repl_loop.hpp"

#include "cli/standard_input.hpp"

#include <boost/asio/post.hpp>

#include <unistd.h>

namespace echosocket::cli {

namespace {

asio::awaitable<bool> closed(client server) {
    co_await server.close();
    co_return true;
}

}  // namespace

repl_loop::repl_loop(std::initializer_list<int> interrupts) {
    if (const int watch = open_input_watch(STDIN_FILENO); watch >= 0) input_.assign(watch);
    for (const int signal : interrupts) interrupts_.add(signal);
    watch_interrupts();
}

input_wake repl_loop::wait_for_input() {
    if (!input_.is_open()) return input_wake::readable;
    bool ended = false;
    interrupted_ = false;
    input_.async_wait(asio::posix::descriptor_base::wait_read,
                      [&ended](const boost::system::error_code&) { ended = true; });
    while (!ended && !interrupted_) io_.run_one();
    if (ended) return input_wake::readable;
    input_.cancel();
    while (!ended) io_.run_one();
    return input_wake::interrupted;
}

void repl_loop::close(client server) {
    static_cast<void>(run(closed(std::move(server))));
}

void repl_loop::finish() {
    interrupts_.cancel();
    input_.close();
    io_.run();
}

void repl_loop::watch_interrupts() {
    interrupts_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        interrupt();
        watch_interrupts();
    });
}

void repl_loop::interrupt() {
    interrupted_ = true;
    // Posted, because a coroutine that was just spawned must not be cancelled before it has begun.
    asio::post(io_, [this] {
        if (running_ != nullptr) running_->emit(asio::cancellation_type::terminal);
    });
}

}  // namespace echosocket::cli
