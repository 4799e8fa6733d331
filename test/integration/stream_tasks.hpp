// Shared by the tests of streams: tasks, and helpers for the caller's ends of a stream.
#pragma once

#include "integration/service_fixture.hpp"

#include <echosocket/stream.hpp>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace echosocket::test {

/// Reads to the end of the stream; returns the items or the failure.
template <class T>
asio::awaitable<result<std::vector<T>>> read_all(source<T> in) {
    std::vector<T> all;
    for (;;) {
        auto item = co_await in.next();
        if (!item) co_return std::move(item.error());
        if (!*item) co_return all;
        all.push_back(std::move(**item));
    }
}

/// Sends the items one after the other up to the first that fails; counts those that were sent.
template <class T>
asio::awaitable<result<void>> send_all(sink<T> out, std::vector<T> items, std::size_t& sent) {
    for (const auto& item : items) {
        auto done = co_await out.send(item);
        if (!done) co_return done;
        ++sent;
    }
    co_return result<void>();
}

/// Sends the same item again and again.
template <class T>
asio::awaitable<result<void>> send_copies(sink<T> out, T item, std::size_t times, std::size_t& sent) {
    for (; sent != times; ++sent) {
        auto done = co_await out.send(item);
        if (!done) co_return done;
    }
    co_return result<void>();
}

/// Counts up from 0 and returns how far it got.
inline asio::awaitable<int> count_task(sink<int>& out, int up_to) {
    for (int i = 0; i != up_to; ++i) {
        auto sent = co_await out.send(i);
        if (!sent) co_return i;
    }
    co_return up_to;
}

inline asio::awaitable<result<int>> sum_task(source<int>& in) {
    auto all = co_await read_all(in);
    if (!all) co_return std::move(all.error());
    co_return std::accumulate(all->begin(), all->end(), 0);
}

inline asio::awaitable<void> double_task(source<int>& in, sink<int>& out) {
    for (;;) {
        auto item = co_await in.next();
        if (!item || !*item) co_return;
        auto sent = co_await out.send(2 * **item);
        if (!sent) co_return;
    }
}

inline std::vector<int> numbers(int up_to) {
    std::vector<int> all(static_cast<std::size_t>(up_to));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

struct stream_fixture : service_fixture {
    /// Bytes of a small window; with it, a MiB of memory in all is a lot.
    static constexpr std::uint32_t small_window = 4096;
    /// Items of which exactly this many fit into the window, each with its header of 12 bytes.
    static constexpr std::size_t fit_into_window = 32;
    const std::string portion = std::string(small_window / fit_into_window - 12, 'i');

    template <class T>
    result<std::vector<T>> read(source<T> in) {
        return run([in] { return read_all(in); });
    }
    template <class T>
    result<void> send(sink<T> out, std::vector<T> items) {
        std::size_t sent = 0;
        return run([out, items, &sent] { return send_all(out, items, sent); });
    }
    template <class T>
    result<std::optional<T>> read_one(source<T> in) {
        return run([in] { return in.next(); });
    }
    template <class Call>
    auto reply_of(const Call& call) {
        return run([&call] { return call.reply(); });
    }
};

}  // namespace echosocket::test
