// Who may connect to a server, and how many calls each may have running.
#pragma once

#include "connection/connection_info.hpp"
#include "connection/workload.hpp"
#include "io/address_group.hpp"

#include <echosocket/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace echosocket {

/// No address (`net::address_group`) may have more than four times what is left for all others: alone four fifths. What
/// has no address is not bounded, nor is this machine itself, where a proxy may stand for many.
///
/// Thread safety: connections, on the server's strand; calls, from any thread.
class admission {
public:
    struct bounds {
        std::size_t connections = 0;
        std::size_t per_address = 0;  ///< Connections; 0 is no number. With a number, loopback is an address too.
        std::size_t running_calls = 0;
    };
    /// `running` has the calls of all connections, and outlives this.
    admission(const bounds& all, const net::workload& running) noexcept : bounds_(all), running_(running) {}

    // Connections. `leave` is said for each `enter`, `line_closed` before it if calls run on.
    /// Why no further one is taken from there; nothing if it is.
    [[nodiscard]] std::optional<std::string> refusal_of(std::string_view address) const;
    void enter(std::string_view address);
    /// It needs no place any more.
    void line_closed(const detail::connection_info& connection);
    void leave(const detail::connection_info& connection);
    /// Those of which only calls are left.
    [[nodiscard]] std::size_t lingering() const noexcept { return lingering_.size(); }

    // Calls.
    /// While memory is short no call is new work that can be taken.
    void set_memory_short(bool is_short) noexcept { memory_is_short_.store(is_short, std::memory_order_relaxed); }
    /// As long as fewer run, no address can have too many of them, and there is room.
    [[nodiscard]] std::size_t calls_for_anybody() const noexcept {
        if (memory_is_short_.load(std::memory_order_relaxed)) return 0;
        return bounds_.running_calls / whole * most_of_one;
    }
    /// Is there room for one more of this connection, whose address has its share?
    [[nodiscard]] bool has_room(const detail::connection_info& connection) const noexcept;
    [[nodiscard]] failure no_room_for(const detail::connection_info& connection) const;
    /// What counts the calls of all connections from there, until they have left; null if nothing does.
    [[nodiscard]] std::atomic<std::size_t>* calls_of(std::string_view address) noexcept;

private:
    // The share of an address that is alone: `most_of_one` of `whole`.
    static constexpr std::size_t most_of_one = 4;
    static constexpr std::size_t whole = most_of_one + 1;
    [[nodiscard]] static bool may_take(std::size_t own, std::size_t taken, std::size_t all) noexcept {
        return taken < all && own < most_of_one * (all - taken);
    }

    struct share {
        std::size_t present = 0;      ///< Connections that have not left.
        std::size_t connections = 0;  ///< Of these, those that have their place.
        std::atomic<std::size_t> calls = 0;
    };
    [[nodiscard]] std::optional<net::address_group> owner_of(std::string_view address) const noexcept;
    [[nodiscard]] std::size_t own_calls_of(const detail::connection_info& connection) const noexcept;
    void free_place(std::string_view address);

    const bounds bounds_;
    std::atomic<bool> memory_is_short_ = false;
    const net::workload& running_;
    std::size_t connections_ = 0;
    std::unordered_set<std::uint64_t> lingering_;  ///< Ids.

    mutable std::mutex mutex_;
    std::unordered_map<net::address_group, share, net::address_group::hash> shares_;  ///< Nodes stay where they are.
};

}  // namespace echosocket
