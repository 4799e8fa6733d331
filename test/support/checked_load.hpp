// Clients that are under way all the time, come back when they are cut off, and check every reply.
#pragma once

#include <echosocket/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace echosocket::test {

/// What a body of that size says of itself: the id of its call and a hash over id and filling.
[[nodiscard]] std::string marked_body(std::uint64_t id, std::size_t size);
/// Is it whole, and of that call?
[[nodiscard]] bool is_marked(std::string_view body, std::uint64_t id);

/// Calls `echo` of a server from several clients, and from several coroutines on each, every other time with an
/// idempotency key. A call with a key has to succeed, whatever becomes of its connections; one without may also end
/// with its connection.
///
/// Thread safety: its members belong to the thread that made it.
class checked_load {
public:
    struct plan {
        std::vector<std::string> addresses;
        std::size_t clients = 4;
        std::size_t callers = 4;  ///< On each client.
        std::size_t calls = 0;    ///< Of each caller; 0 is until `finish`.
        std::size_t max_body = 40'000;
        std::uint64_t seed = 1;
    };
    struct outcome {
        std::uint64_t with_key = 0;  ///< Answered, as they have to be.
        std::uint64_t answered = 0;  ///< Without a key.
        std::uint64_t lost = 0;      ///< Without a key, with their connection.
        std::string wrong;           ///< What must not be; empty if there is nothing.
    };

    explicit checked_load(plan what);
    checked_load(const checked_load&) = delete;
    checked_load& operator=(const checked_load&) = delete;
    ~checked_load();

    /// Waits until so many more calls have ended; false if that does not happen, or something was wrong.
    [[nodiscard]] bool goes_on_for(std::uint64_t calls);
    /// Lets the calls under way end and closes; with a number of calls, once all of them have been made.
    outcome finish();

private:
    [[nodiscard]] asio::awaitable<void> run_client(std::uint64_t number);
    [[nodiscard]] asio::awaitable<void> call_on(client server, std::uint64_t number);
    [[nodiscard]] asio::awaitable<bool> call_once(client server, std::uint64_t id, std::size_t size);
    void complain(std::string what);

    plan plan_;
    asio::io_context io_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t ended_ = 0;
    outcome outcome_;  // of the thread, until it has ended
    std::thread thread_;
};

}  // namespace echosocket::test
