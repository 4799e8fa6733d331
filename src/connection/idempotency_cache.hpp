// The results of calls that carry an idempotency key, so that such a call takes effect once however often it is sent.
#pragma once

#include "async/async_completion.hpp"
#include "seeded_hash.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

/// A call with a key, as its caller makes it.
struct keyed_call {
    std::string_view scope;  ///< Whose key it is: the same key in two scopes is two keys.
    std::string_view task;
    std::string_view key;
    std::string_view body;
    content_type type = content_type::bytes;
};

/// What is kept, and for how long.
struct memory_bounds {
    std::size_t calls = 0;
    std::size_t bytes = 0;
    std::chrono::milliseconds age{0};
};

/// Thread safety: all members may be called from any thread: one memory serves all connections of a server.
class idempotency_cache {
public:
    /// One call, running or done.
    struct call {
        std::string name;                            ///< Of scope, task and key.
        std::size_t arguments = 0;                   ///< Their hash.
        std::optional<result<raw_reply>> outcome{};  ///< Set once, by `keep`.
        time_point kept_at{};

        struct waiter {
            std::uint64_t ticket;
            async_completion<bool> waiting;
        };
        std::list<waiter> waiters{};
    };
    using call_ptr = std::shared_ptr<call>;

    explicit idempotency_cache(memory_bounds bounds) noexcept : bounds_(bounds) {}

    enum class claim : std::uint8_t {
        first,    ///< Nobody has made this call yet: the caller runs it, and says `keep` or `forget`.
        running,  ///< `ended` tells when it is worth another look.
        done,     ///< Its outcome is there.
        misused,  ///< The key belongs to a call with other arguments.
    };
    struct claimed {
        claim how;
        call_ptr call;
        std::optional<result<raw_reply>> outcome{};  ///< Of one that is done.
    };
    /// The call of that scope, task and key.
    [[nodiscard]] claimed look_up(const keyed_call& made, time_point now);

    void keep(const call_ptr& done, result<raw_reply> outcome, time_point now);
    /// It took no effect that is worth remembering: the next one runs it.
    void forget(const call_ptr& undone);
    /// Nothing will ever run again: whoever waits is let go.
    void clear();

    /// Suspends until `keep` or `forget`; false if the wait was cancelled.
    [[nodiscard]] asio::awaitable<bool> ended(call_ptr running);

private:
    void drop_old(time_point now);
    void drop_oldest();
    void give_up(const call_ptr& running, std::uint64_t ticket);

    const memory_bounds bounds_;
    std::mutex mutex_;
    name_map<call_ptr> calls_;
    std::deque<call_ptr> done_;  ///< In the order in which they ended.
    std::size_t bytes_ = 0;      ///< Of `done_`.
    std::uint64_t last_ticket_ = 0;
};

}  // namespace echosocket::net
