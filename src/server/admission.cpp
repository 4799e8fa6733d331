#include "server/admission.hpp"

namespace echosocket {

std::optional<net::address_group> admission::owner_of(std::string_view address) const noexcept {
    const auto group = net::group_of(address);
    const bool is_one =
        group.what != net::address_group::kind::none && (!group.is_loopback || bounds_.per_address != 0);
    return is_one ? std::optional(group) : std::nullopt;
}

// Connections.

std::optional<std::string> admission::refusal_of(std::string_view address) const {
    const auto all = bounds_.connections;
    if (connections_ >= all) return "too many connections: at most " + std::to_string(all);
    const auto owner = owner_of(address);
    if (!owner) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto found = shares_.find(*owner);
    const auto own = found == shares_.end() ? 0 : found->second.connections;
    if (bounds_.per_address != 0 && own >= bounds_.per_address)
        return "too many connections from one address: at most " + std::to_string(bounds_.per_address);
    if (!may_take(own, connections_, all))
        return "too many connections from one address: it has " + std::to_string(own) + " of " + std::to_string(all) +
               ", and what is left is for others";
    return std::nullopt;
}

void admission::enter(std::string_view address) {
    ++connections_;
    const auto owner = owner_of(address);
    if (!owner) return;
    const std::lock_guard lock(mutex_);
    auto& of_address = shares_[*owner];
    ++of_address.present;
    ++of_address.connections;
}

void admission::free_place(std::string_view address) {
    --connections_;
    const auto owner = owner_of(address);
    if (!owner) return;
    const std::lock_guard lock(mutex_);
    --shares_.at(*owner).connections;
}

void admission::line_closed(const detail::connection_info& connection) {
    if (lingering_.insert(connection.id()).second) free_place(connection.address());
}

void admission::leave(const detail::connection_info& connection) {
    if (lingering_.erase(connection.id()) == 0) free_place(connection.address());
    const auto owner = owner_of(connection.address());
    if (!owner) return;
    const std::lock_guard lock(mutex_);
    const auto found = shares_.find(*owner);
    if (--found->second.present == 0) shares_.erase(found);
}

// Calls.

std::atomic<std::size_t>* admission::calls_of(std::string_view address) noexcept {
    const auto owner = owner_of(address);
    if (!owner) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto found = shares_.find(*owner);
    return found == shares_.end() ? nullptr : &found->second.calls;
}

std::size_t admission::own_calls_of(const detail::connection_info& connection) const noexcept {
    const auto owner = owner_of(connection.address());
    if (!owner) return 0;
    const std::lock_guard lock(mutex_);
    const auto found = shares_.find(*owner);
    return found == shares_.end() ? 0 : found->second.calls.load(std::memory_order_relaxed);
}

bool admission::has_room(const detail::connection_info& connection) const noexcept {
    if (memory_is_short_.load(std::memory_order_relaxed)) return false;
    return may_take(own_calls_of(connection), running_.calls(), bounds_.running_calls);
}

failure admission::no_room_for(const detail::connection_info& connection) const {
    if (memory_is_short_.load(std::memory_order_relaxed))
        return failure(errc::overloaded, "the server holds as much memory for its clients as it may; try again later");
    const auto all = std::to_string(bounds_.running_calls);
    if (running_.calls() >= bounds_.running_calls)
        return failure(errc::overloaded, "too many running calls on this server: at most " + all);
    return failure(errc::overloaded, "too many running calls from one address: it has " +
                                         std::to_string(own_calls_of(connection)) + " of " + all +
                                         ", and what is left is for others");
}

}  // namespace echosocket
