// Resolves host names within a time limit.
#pragma once

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace echosocket::cli {

namespace asio = boost::asio;

/// `held` is kept until the system has answered too, which nothing can interrupt.
///
/// Errors: `task_failed` if the name has no address, or none was found within `patience` (s).
/// Cancellation: throws `operation_aborted` at once.
[[nodiscard]] asio::awaitable<result<std::vector<asio::ip::tcp::endpoint>>> resolve(std::string host,
                                                                                    std::uint16_t port,
                                                                                    std::chrono::seconds patience,
                                                                                    std::shared_ptr<void> held);

}  // namespace echosocket::cli
