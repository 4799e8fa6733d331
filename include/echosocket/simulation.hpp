// Servers, clients and the network between them in one thread, in virtual time, and in an order drawn by a seed.
//
//     void one_seed(std::uint64_t seed) {
//         es::testing::simulation sim(seed);
//         es::server server(sim.executor(), {.clock = &sim.clock()});
//         sim.spawn([&]() -> asio::awaitable<void> { (void)co_await server.run(); });
//         auto link = sim.make_link({.most_delay = 20ms, .most_bytes = 100});
//         sim.run([&]() -> asio::awaitable<void> {
//             std::vector<es::dialer> dialers{link.to(server)};
//             auto client = co_await es::client::connect(dialers, {.clock = &sim.clock()});
//             ...
//             link.reset();                       // every connection over it is lost
//             ...
//         });
//         server.stop();
//         sim.run_until([&] { return sim.left().nothing(); });
//     }
//
// What happens follows from the seed: a run that failed happens again with its seed, under a debugger too. So whatever
// the seed does not know of has to stay outside: threads, sockets, the machine's clock, `std::random_device`, the order
// of addresses. `sim.trace()` tells whether two runs were the same.
#pragma once

#include <echosocket/client.hpp>
#include <echosocket/clock.hpp>
#include <echosocket/random_source.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace echosocket {
class server;
}

namespace echosocket::testing {

class simulation_context;
class link_state;

/// How a link carries bytes.
struct link_rules {
    /// ms that each piece takes, drawn anew between these two; pieces do not overtake each other.
    std::chrono::milliseconds least_delay{0};
    std::chrono::milliseconds most_delay{1};
    /// Bytes that travel together at most; each piece has 1 to this many. 1 brings every byte by itself.
    std::size_t most_bytes = SIZE_MAX;
    std::size_t bytes_per_second = 0;  ///< Of each direction of each connection; 0 is no limit.
    std::size_t capacity = 64 * 1024;  ///< Bytes, on their way or unread, above which a write would block.
    /// If not 0, each connection is reset after 1 to this many bytes, in both directions together.
    std::size_t reset_within = 0;
};

/// One way over a link.
enum class direction : std::uint8_t {
    forth,  ///< From the end that connects.
    back,   ///< To the end that connects.
};

/// A line between two places, over which any number of connections are made. The connections behave like TCP: a
/// reliable stream of bytes until it is reset, with an end of each direction, and room for so many bytes.
///
/// Thread safety: none; as the simulation.
/// Lifetime: a cheap handle; the simulation must outlive it and the connections.
class link {
public:
    explicit link(std::shared_ptr<link_state> state) noexcept : state_(std::move(state)) {}

    /// A dialer for `client::connect`: connects to `target`, which gets the other end by `server::attach`. If a
    /// direction is not open, it tries for 5 s, then fails with `connect_timeout`.
    [[nodiscard]] dialer to(server& target) const;
    /// The same to whoever is there at the time; with nullptr it fails with `connect_failed`.
    [[nodiscard]] dialer to(std::function<server*()> target) const;
    /// A connection at once: the end that connects, and the other.
    [[nodiscard]] std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> connect() const;

    /// For whatever is sent, and whichever connections are made, from now on.
    void set(const link_rules& rules) const;

    /// Nothing arrives any more, in one direction or in both; what was written arrives after `heal()`.
    void hold(direction which) const;
    void partition() const;
    /// Takes what is written and loses it, without a word. Such a connection never recovers; `heal()` is for later
    /// ones.
    void swallow(direction which) const;
    void heal() const;
    /// Resets all connections: both ends get `connection_reset`, and what was on its way is lost.
    void reset() const;

    /// Connections of which an end is still open.
    [[nodiscard]] std::size_t connections() const;

private:
    std::shared_ptr<link_state> state_;
};

/// What a simulation draws besides the order.
struct scheduling {
    /// One piece of work in so many is stalled, as if its thread had lost the processor; 0 stalls none.
    unsigned stall_one_in = 0;
    std::chrono::milliseconds longest_stall{20};
};

/// Runs everything that is given its executor and its clock, in this thread, as the seed says.
///
/// Which of the pieces of work that are ready runs next is drawn: the order between strands, not within one. Whether
/// `dispatch` runs its function at once or later is drawn too, since both may happen. Time passes only if nothing is
/// ready; then it is at once the time of the next alarm or arrival.
///
/// Random numbers that the library draws, for delays and for the keys of `once()`, follow from the seed while one of
/// the `run` functions is running.
///
/// Errors: what a piece of work or a spawned coroutine throws comes out of the `run` function that is running.
/// Thread safety: none; everything happens on the thread that made it.
/// Lifetime: must outlive all that uses its executor, clock or links. End what you start: a coroutine that still waits
/// in `sleep_for` when the simulation is destroyed leaks.
class simulation {
public:
    explicit simulation(std::uint64_t seed, const scheduling& rules = {});
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;
    ~simulation();

    [[nodiscard]] std::uint64_t seed() const noexcept;
    /// For servers, clients and coroutines. It is no strand: use `asio::make_strand` for what has to be in order.
    [[nodiscard]] asio::any_io_executor executor() noexcept;
    [[nodiscard]] echosocket::clock& clock() noexcept;
    [[nodiscard]] time_point now() const noexcept;
    /// For the test's own decisions. It does not change what else is drawn.
    [[nodiscard]] random_source& random() noexcept;

    [[nodiscard]] link make_link(const link_rules& rules = {});

    /// Starts `function`, which takes nothing and returns `awaitable<void>`, on a strand of its own. It is kept, with
    /// its captures, until the coroutine has ended.
    template <class Function>
    void spawn(Function function) {
        asio::co_spawn(asio::make_strand(executor()), std::move(function),
                       [this](std::exception_ptr thrown) { note_thrown(std::move(thrown)); });
    }

    /// Runs `function` as a coroutine to its end, and returns what it returns.
    ///
    /// Errors: throws what it throws; `std::runtime_error` if nothing is left to do, or an hour of virtual time has
    /// passed, and it has not ended.
    template <class Function>
    auto run(Function function) {
        using value_type = typename std::invoke_result_t<Function&>::value_type;
        using kept_type = std::conditional_t<std::is_void_v<value_type>, std::monostate, value_type>;
        struct outcome {
            bool done = false;
            std::exception_ptr thrown;
            std::optional<kept_type> value;

            void operator()(std::exception_ptr why) {
                done = true;
                thrown = std::move(why);
            }
            void operator()(std::exception_ptr why, kept_type result) {
                (*this)(std::move(why));
                if (!thrown) value.emplace(std::move(result));
            }
        };
        const auto kept = std::make_shared<outcome>();
        asio::co_spawn(asio::make_strand(executor()), std::move(function),
                       [kept](auto... what) { (*kept)(std::move(what)...); });
        if (!run_until([&kept] { return kept->done; })) throw std::runtime_error("the coroutine does not end");
        if (kept->thrown) std::rethrow_exception(kept->thrown);
        if constexpr (!std::is_void_v<value_type>) return std::move(*kept->value);
    }

    /// Runs until `reached()`, which is asked after each piece of work. Returns false if nothing is left to do, or
    /// `at_most` of virtual time has passed, before that.
    [[nodiscard]] bool run_until(const std::function<bool()>& reached, duration at_most = std::chrono::hours(1));
    /// Runs for so long in virtual time.
    void run_for(duration length);

    /// What there is still to do.
    struct leftovers {
        std::size_t ready = 0;   ///< Pieces of work.
        std::size_t timers = 0;  ///< Alarms that are set, and bytes on their way.
        std::size_t work = 0;    ///< What is counted as outstanding work: coroutines above all, also suspended ones.

        [[nodiscard]] bool nothing() const noexcept { return ready == 0 && timers == 0 && work == 0; }
    };
    [[nodiscard]] leftovers left() const noexcept;

    /// A hash of all that was drawn and done so far: the same for two runs that were the same.
    [[nodiscard]] std::uint64_t trace() const noexcept;
    /// Adds something of the test's own to it.
    void trace(std::uint64_t what) noexcept;
    /// Pieces of work that have run.
    [[nodiscard]] std::uint64_t steps() const noexcept;

private:
    void note_thrown(std::exception_ptr thrown) noexcept;

    std::unique_ptr<simulation_context> context_;
};

}  // namespace echosocket::testing
