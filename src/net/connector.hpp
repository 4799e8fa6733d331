// Connects to an address within a time.
#pragma once

#include "net/address.hpp"

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
/// Thread safety: the awaiting coroutine's executor runs one thing at a time.
[[nodiscard]] asio::awaitable<result<std::unique_ptr<transport>>> connect_to(address where, clock& time,
                                                                             std::chrono::milliseconds timeout);

}  // namespace echosocket::net
