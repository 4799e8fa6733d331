// The fixture of every test that runs coroutines.
//
//     BOOST_FIXTURE_TEST_CASE(a_call_is_answered, io_fixture) {
//         run([&]() -> asio::awaitable<void> { ... co_await ...; BOOST_TEST(...); });   // until it has ended
//
//         auto call = spawn([&]() -> asio::awaitable<int> { ... });                     // beside the test
//         run_until([&] { return server.port() != 0; });                                // until something shows
//         clock.advance(5s);                                                            // time moves only by hand
//         settle();                                                                     // until nothing more happens
//         BOOST_TEST(call.done());
//         BOOST_TEST(run(call) == 42);                                                  // await it, rethrow or value
//         call.cancel();                                                                // emit terminal cancellation
//     }
//
// - Time is virtual: give `clock` to whatever measures time (`.clock = &clock`). Nothing here sleeps. Real sockets may
//   need real time, so `run` and `run_until` block for I/O, and give up with an exception after `patience`.
// - `run_in_virtual_time` moves `clock` to the next alarm whenever nothing else is left to do; for tests without real
//   sockets, where idleness is certain.
// - The destructor fails the test if anything is left running: a coroutine, a timer, an alarm that is set.
//   So end what you start: close clients, stop servers, before the test case returns.
// - Pass coroutine lambdas uncalled, as above: the fixture keeps the lambda (and its captures) until it has ended.
//   The captures by reference must then outlive the coroutine: with `spawn`, declare what they refer to before.
// - Boost.Test's checks belong to one thread: with `run_on_threads`, collect in atomics and check afterwards.
#pragma once

#include <echosocket/testing.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace echosocket::test {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// How long a test waits for real I/O before it gives up.
inline constexpr auto patience = 60s;

/// A coroutine that runs beside the test.
template <class T>
class spawned {
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

public:
    template <class Executor, class Function>
    spawned(const Executor& executor, Function function) : state_(std::make_shared<state>()) {
        state_->keep = std::make_shared<Function>(std::move(function));
        asio::awaitable<T> coroutine = (*static_cast<Function*>(state_->keep.get()))();
        asio::co_spawn(executor, std::move(coroutine),
                       asio::bind_cancellation_slot(state_->signal.slot(), ended{state_}));
    }

    [[nodiscard]] bool done() const { return state_->done; }

    /// The value, or the exception; once.
    T get() {
        if (!state_->done) throw std::logic_error("the coroutine has not ended");
        if (auto error = std::exchange(state_->error, nullptr)) std::rethrow_exception(error);
        if constexpr (!std::is_void_v<T>) return std::move(*state_->value);
    }

    /// Emits on the coroutine's strand: at once if it is called there, otherwise when `io` runs next. Only after the
    /// coroutine's first suspension.
    void cancel(asio::cancellation_type type = asio::cancellation_type::terminal) { state_->signal.emit(type); }

private:
    struct state {
        asio::cancellation_signal signal;
        std::shared_ptr<void> keep;
        std::optional<value_type> value;
        std::exception_ptr error;
        bool done = false;

        ~state() {
            if (error) BOOST_ERROR("a spawned coroutine threw, and nobody asked");
        }
    };

    struct ended {
        std::shared_ptr<state> self;
        void operator()(std::exception_ptr error) const { finish(error); }
        void operator()(std::exception_ptr error, value_type value) const {
            if (!error) self->value.emplace(std::move(value));
            finish(error);
        }
        void finish(std::exception_ptr error) const {
            self->error = error;
            self->done = true;
        }
    };

    std::shared_ptr<state> state_;
};

template <class Function>
using spawned_by = spawned<typename std::invoke_result_t<Function&>::value_type>;

struct io_fixture {
    asio::io_context io;
    testing::manual_clock clock;

    io_fixture() = default;
    io_fixture(const io_fixture&) = delete;
    io_fixture& operator=(const io_fixture&) = delete;

    ~io_fixture() {
        io.restart();
        io.run_for(patience);
        BOOST_CHECK_MESSAGE(io.stopped(), "something is left running: a coroutine or an operation");
        BOOST_CHECK_MESSAGE(clock.alarms() == 0, "an alarm is left set");
    }

    /// Starts a coroutine on a strand of its own.
    template <class Function>
    spawned_by<Function> spawn(Function function) {
        return spawned_by<Function>(asio::make_strand(io), std::move(function));
    }

    template <class Executor, class Function>
    spawned_by<Function> spawn_on(const Executor& executor, Function function) {
        return spawned_by<Function>(executor, std::move(function));
    }

    template <class T>
    T run(spawned<T> coroutine) {
        run_until([&] { return coroutine.done(); });
        return coroutine.get();
    }

    template <class Function>
    auto run(Function function) {
        return run(spawn(std::move(function)));
    }

    template <class Predicate>
    void run_until(Predicate reached) {
        while (!reached()) {
            io.restart();
            if (io.run_one_for(patience) == 0) throw std::runtime_error("nothing happens any more");
        }
    }

    /// Runs everything that is ready, and what follows from it, without blocking.
    void settle() {
        do io.restart();
        while (io.poll() != 0);
    }

    template <class T>
    T run_in_virtual_time(spawned<T> coroutine) {
        settle();
        while (!coroutine.done()) {
            if (!clock.advance_to_next()) throw std::runtime_error("nothing happens any more, and no alarm is set");
            settle();
        }
        return coroutine.get();
    }

    template <class Function>
    auto run_in_virtual_time(Function function) {
        return run_in_virtual_time(spawn(std::move(function)));
    }

    /// Runs until there is no work left, on several threads.
    void run_on_threads(unsigned count) {
        io.restart();
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i != count; ++i) threads.emplace_back([this] { io.run_for(patience); });
    }
};

}  // namespace echosocket::test
