// Host names to addresses, within a time.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Errors: `task_failed` where the name has no address, or none was found within `patience`.
/// Cancellation: ends the wait at once with `operation_aborted`, thrown.
[[nodiscard]] asio::awaitable<result<std::vector<asio::ip::tcp::endpoint>>> resolve(std::string host,
                                                                                    std::uint16_t port,
                                                                                    std::chrono::seconds patience);

}  // namespace echosocket::cli
