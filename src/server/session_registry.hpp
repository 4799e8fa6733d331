// The live connections of a server.
#pragma once

#include "connection/connection.hpp"

#include <echosocket/peer.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace echosocket::net {

/// Counts by reason.
///
/// Thread safety: all members may be called from any thread.
class reason_counts {
public:
    void add(errc reason) noexcept { at(static_cast<std::size_t>(reason)).fetch_add(1, std::memory_order_relaxed); }
    void add_closed_by_peer() noexcept { at(0).fetch_add(1, std::memory_order_relaxed); }
    /// By name, without zeros; `errc{}` is named `closed_by_peer`.
    [[nodiscard]] std::map<std::string, std::uint64_t> by_name() const;

private:
    // Each code below `last` has its own place; all others, which are the application's, share that one.
    static constexpr std::size_t last = 63;
    std::atomic<std::uint64_t>& at(std::size_t code) noexcept { return counts_[code < last ? code : last]; }

    std::array<std::atomic<std::uint64_t>, last + 1> counts_{};
};

/// Holds each connection from its acceptance to its end.
///
/// Thread safety: use it on its server's strand only; the counts may be used from any thread. Take a
/// snapshot to iterate across a suspension.
class session_registry {
public:
    using connection_ptr = std::shared_ptr<connection>;

    explicit session_registry(const asio::any_io_executor& base) : base_(beneath_strand(base)) {}

    /// The executor beneath all strands.
    [[nodiscard]] const asio::any_io_executor& base() const noexcept { return base_; }

    void add(connection_ptr session);
    /// Removes a connection that has ended, and counts why.
    void remove(const connection_ptr& session, const failure& why);
    void clear() { sessions_.clear(); }

    [[nodiscard]] std::vector<connection_ptr> snapshot() const;
    /// Without a snapshot: `visit` adds and removes none.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& [id, session] : sessions_) visit(session);
    }
    /// nullptr if there is none.
    [[nodiscard]] connection_ptr find(std::uint64_t id) const;
    [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }

    /// Sums over all connections, also those that have ended.
    struct totals {
        std::uint64_t calls = 0;
        std::uint64_t failed = 0;
        std::uint64_t bytes_in = 0;
        std::uint64_t bytes_out = 0;
        std::size_t queued_bytes = 0;
        std::uint64_t notifications_in = 0;
        std::uint64_t notifications_out = 0;
        std::uint64_t dropped = 0;
    };
    [[nodiscard]] totals sum(time_point now) const;
    [[nodiscard]] const reason_counts& closed() const noexcept { return closed_; }

private:
    static void add_up(totals& into, const connection& session, time_point now);

    asio::any_io_executor base_;
    std::unordered_map<std::uint64_t, connection_ptr> sessions_;
    totals ended_;
    reason_counts closed_;
};

}  // namespace echosocket::net
