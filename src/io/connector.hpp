// Connects to an address within a time.
#pragma once

#include "io/address.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace echosocket::net {

/// Resolves `where` and tries its endpoints one after another, all within `timeout` by `time`.
///
/// Errors: `resolve_failed`, `connect_failed`, `connect_timeout`, `cancelled`, each with a sentence that names the
/// address and the system's reason.
/// Cancellation: terminal, partial, total; ends with `cancelled`.
/// Thread safety: may be awaited on any executor. When it has ended nothing of it is left running, but for a thread
/// that still asks the system for a name's addresses, and that knows of no executor any more.
[[nodiscard]] asio::awaitable<result<std::unique_ptr<transport>>> connect_to(address where, clock& time,
                                                                             std::chrono::milliseconds timeout);

}  // namespace echosocket::net
