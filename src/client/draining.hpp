// Ends clients in order.
#pragma once

#include <echosocket/shutdown_report.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace echosocket {

namespace asio = boost::asio;
class reconnecting_connection;

/// The time for a drain, if nobody says another.
inline constexpr std::chrono::milliseconds default_drain_timeout{10'000};

/// Drains clients that share what counts their handlers, at least one, and suspends until nothing of them runs.
///
/// Cancellation: terminal, partial, total; returns at once, and the drain goes on by itself.
[[nodiscard]] asio::awaitable<shutdown_report> drain_all(std::vector<std::shared_ptr<reconnecting_connection>> clients,
                                                         std::chrono::milliseconds within);

}  // namespace echosocket
