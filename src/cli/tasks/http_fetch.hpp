// One HTTP request, whose reply is read piece by piece.
#pragma once

#include "cli/tasks/address_rules.hpp"
#include "cli/tasks/http_url.hpp"

#include <echosocket/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::cli {

namespace asio = boost::asio;

/// One GET over a connection of its own, to an address that the rules allow.
///
/// Errors: `not_allowed` if the host has no such address; `task_failed` if the network or the other server fails;
/// `message_too_large` if the body is larger than the limit, before any of it is read if the reply announces its size.
/// Cancellation: every wait throws `operation_aborted`.
/// Thread safety: none. Lifetime: `allowed` must outlive it.
class http_fetch {
public:
    /// `limit` is in bytes. Every step fails if it makes no progress for `stall_timeout` (s).
    http_fetch(asio::any_io_executor executor, http_url url, const address_rules& allowed, std::uint64_t limit,
               std::chrono::seconds stall_timeout);
    ~http_fetch();

    /// Resolves the host, connects to one of its allowed addresses, sends the request, and reads the reply's head.
    /// `held` is kept until the system has looked the name up, also if this was cancelled.
    [[nodiscard]] asio::awaitable<result<void>> begin(std::shared_ptr<void> held);

    [[nodiscard]] unsigned status() const;
    [[nodiscard]] std::string reason() const;  ///< `404 Not Found`; untrusted text.
    /// The `Location` of a redirect; empty if the reply is not one.
    [[nodiscard]] std::optional<std::string> redirect() const;

    /// Returns the next piece of the body, valid until the next call; empty at its end.
    [[nodiscard]] asio::awaitable<result<std::string_view>> read_some();

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace echosocket::cli
