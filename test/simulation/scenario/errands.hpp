// What a guest does, one thing after the other.
#pragma once

#include "simulation/scenario/guest.hpp"

namespace echosocket::simulated {

/// So many things, drawn one by one, with pauses between them.
[[nodiscard]] asio::awaitable<void> go_on_errands(world& in, guest& who, std::uint64_t how_many);

// Calls.
[[nodiscard]] asio::awaitable<void> ask(world& in, guest& who);
/// Returns at once; the calls are errands of their own.
[[nodiscard]] asio::awaitable<void> ask_much_at_once(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> wait_there(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> ask_and_give_up(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> book(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> be_asked_back(world& in, guest& who);

// Streams.
[[nodiscard]] asio::awaitable<void> upload(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> download(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> send_and_take(world& in, guest& who);
/// Once all is quiet, so that nothing but its own end can end a stream. It has no timeout: one that gets stuck, because
/// credit was lost, is stuck for good, and noticed.
[[nodiscard]] asio::awaitable<void> download_in_calm(world& in, guest& who);

// Groups and topics.
[[nodiscard]] asio::awaitable<void> join_or_leave(world& in, guest& who);
[[nodiscard]] asio::awaitable<void> subscribe_or_not(world& in, guest& who);

}  // namespace echosocket::simulated
