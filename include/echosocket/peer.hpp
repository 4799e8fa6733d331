// The other end of a connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace echosocket {

namespace detail {
class session;
}

/// A cheap, copyable handle to the other end of a connection.
///
/// Thread safety: every member may be called from any thread.
/// Lifetime: stays valid after the connection has gone; `connected()` is then false.
class peer {
public:
    peer() = default;
    explicit peer(std::shared_ptr<const detail::session> session) : session_(std::move(session)) {}

    /// Unique among the connections of one server; counted from 1. 0 for a handle to nobody.
    [[nodiscard]] std::uint64_t id() const noexcept;
    /// The name that the other end gave in its HELLO; untrusted text.
    [[nodiscard]] std::string name() const;
    /// `127.0.0.1:4711`, `unix:/path` or `memory`.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] bool connected() const noexcept;

private:
    std::shared_ptr<const detail::session> session_;
};

/// What is known of one live connection, as it was at the moment of asking.
struct session_info {
    std::uint64_t id = 0;
    std::string name;  ///< As in the HELLO; untrusted text.
    std::string address;
    std::chrono::milliseconds age{};  ///< Since it was accepted.
    std::size_t running_calls = 0;
    std::uint64_t calls = 0;  ///< Requests taken so far.
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

}  // namespace echosocket
