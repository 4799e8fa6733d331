// Connects to an address within a time limit.
#pragma once

#include "io/address.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace echosocket::net {

/// Resolves `where` and tries its endpoints one after the other, all within `timeout` (ms), measured by `time`.
///
/// Errors: `resolve_failed`, `connect_failed`, `connect_timeout`, `cancelled`; the detail names the address and the
/// system's reason.
/// Cancellation: terminal, partial, total; returns `cancelled`.
/// Thread safety: may be awaited on any executor.
/// Lifetime: when it has ended, at most a thread that still resolves the name is left; it refers to no executor.
[[nodiscard]] asio::awaitable<result<std::unique_ptr<transport>>> connect_to(address where, clock& time,
                                                                             std::chrono::milliseconds timeout);

}  // namespace echosocket::net
