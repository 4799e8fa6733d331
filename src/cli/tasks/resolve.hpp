// Resolves host names within a time limit.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Errors: `task_failed` if the name has no address, or none was found within `patience` (s).
/// Cancellation: throws `operation_aborted` at once.
[[nodiscard]] asio::awaitable<result<std::vector<asio::ip::tcp::endpoint>>> resolve(std::string host,
                                                                                    std::uint16_t port,
                                                                                    std::chrono::seconds patience);

}  // namespace echosocket::cli
