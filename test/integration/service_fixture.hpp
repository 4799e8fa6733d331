// A server, and clients of it: over memory and in virtual time, unless a test asks for sockets.
//
//     BOOST_FIXTURE_TEST_CASE(two_numbers_are_added, service_fixture) {
//         make().on("add", [](int a, int b) { return a + b; });
//         start();
//         auto guest = join();
//         BOOST_TEST(outcome(ask<int>(guest, "add", 1, 2)) == "ok");      // to its end
//         auto call = begin<int>(guest, "add", 1, 2);                     // beside the test
//         leave(guest);
//     }
//
// The destructor stops the server and fails the test if anything of it is left: a session, a running call, a coroutine,
// an alarm.
#pragma once

#include "support/io_fixture.hpp"
#include "support/raw_peer.hpp"

#include <echosocket/client.hpp>
#include <echosocket/server.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::test {

/// `ok`, or the name of the error, so that a failed check shows what happened.
template <class T>
std::string outcome(const result<T>& of) {
    return of ? "ok" : std::string(name_of(of.error().code));
}

template <class T>
T value_of(result<T> of) {
    if (!of) throw std::runtime_error(of.error().message());
    if constexpr (!std::is_void_v<T>) return *std::move(of);
}

/// A handler that sleeps for the given ms of the server's time, and returns them.
inline asio::awaitable<int> sleep_task(task_context& call, int milliseconds) {
    co_await call.sleep_for(std::chrono::milliseconds(milliseconds));
    co_return milliseconds;
}

inline std::string echo_task(std::string_view text) {
    return std::string(text);
}

struct service_fixture : io_fixture {
    server_config settings;         ///< For `make()`.
    client_config client_settings;  ///< For `join()` and `join_script()`.
    std::optional<server> service;
    std::optional<spawned<result<shutdown_report>>> life;

    service_fixture() {
        settings.clock = client_settings.clock = &clock;
        settings.port = 0;
    }

    ~service_fixture() { finish(); }
    /// For the destructor of a fixture to whose members the log writes: the server's last lines come when it ends.
    void finish() {
        try {
            end();
        } catch (const std::exception& e) {
            BOOST_ERROR("the server did not end: " << e.what());
        }
    }

    server& make() { return service.emplace(io.get_executor(), settings); }

    void start() {
        life.emplace(spawn([this] { return service->run(); }));
        settle();
    }

    /// Stops as gently as the config says, in virtual time, and waits for the end.
    shutdown_report stop() {
        service->stop();
        return ended();
    }
    shutdown_report ended() {
        auto report = value_of(run_in_virtual_time(*life));
        life.reset();
        return report;
    }

    client join() { return join(client_settings); }
    client join(const client_config& config) {
        return value_of(run([&] { return client::connect(*service, config); }));
    }
    client join_at(std::string address) {
        return value_of(run([&] { return client::connect(std::move(address), client_settings); }));
    }
    void leave(client& guest) {
        run([&] { return guest.close(); });
    }

    /// A connection to the server whose client is played by the test.
    raw_peer join_raw(testing::faults near = {}, testing::faults far = {}) {
        auto [ours, theirs] = testing::memory_pipe(near, far);
        service->attach(std::move(theirs));
        settle();
        return {std::move(ours), turns()};
    }
    /// A client of a server that is played by the test.
    std::pair<client, raw_peer> join_raw_server(const wire::hello& hello = {.name = "raw server"}) {
        auto [ours, theirs] = testing::memory_pipe();
        raw_peer server(std::move(ours), turns());
        auto joining = spawn([&] { return client::connect(std::move(theirs), client_settings); });
        (void)server.expects_hello();
        server.sends(raw::hello(hello));
        return {value_of(run(joining)), std::move(server)};
    }

    template <class T = void, class... Args>
    result<T> ask(const client& of, std::string_view task, const Args&... args) {
        return run(begin<T>(of, task, args...));
    }
    template <class T = void, class... Args>
    result<T> ask(const client& of, call_options options, std::string_view task, const Args&... args) {
        return run(begin<T>(of, std::move(options), task, args...));
    }
    template <class T = void, class... Args>
    spawned<result<T>> begin(const client& of, std::string_view task, const Args&... args) {
        return begin<T>(of, call_options(), task, args...);
    }
    template <class T = void, class... Args>
    spawned<result<T>> begin(const client& of, call_options options, std::string_view task, const Args&... args) {
        return spawn([&] { return of.call<T>(std::move(options), task, args...); });
    }

    server_stats stats() {
        return run([this] { return service->stats(); });
    }

    /// How a raw peer lets the other end run: over memory, where it is certain when nothing more will happen.
    raw_peer::runner turns() {
        const auto until = [this](const std::function<bool()>& reached) {
            while (!reached()) {
                io.restart();
                if (io.poll() == 0) return;
            }
        };
        return {until, [this] { settle(); }};
    }

private:
    void end() {
        if (life) {
            service->stop_now();
            settle();
            while (!life->done() && clock.advance_to_next()) settle();
            (void)value_of(run(*life));
            life.reset();
        }
        if (service) {
            const auto left = stats();
            BOOST_TEST(left.connections == 0U, "sessions outlived run()");
            BOOST_TEST(left.running_calls == 0U, "calls outlived run()");
        }
        service.reset();
    }
};

}  // namespace echosocket::test
