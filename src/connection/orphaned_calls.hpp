// The calls with an idempotency key that run on though their connections are lost: how many, and which of them go
// first.
#pragma once

#include "io/address_group.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace echosocket::net {

class call_worker;
class connection_context;

/// Beyond so many, one is cancelled, as it would have been without its key: the oldest of those that come from where
/// most come from. If new ones were refused instead, whoever fills the list would take from all others what their keys
/// are for.
///
/// Thread safety: all members may be called from any thread: there is one list for all connections of a server.
/// Lifetime: must outlive every `orphan`.
class orphaned_calls {
public:
    explicit orphaned_calls(std::size_t most) noexcept : most_(most) {}

    /// The place of one call, to be kept until the call has ended.
    class orphan;
    using orphan_ptr = std::shared_ptr<orphan>;

    /// Takes in a call of `connection`, on its strand. May cancel this or another one, later and on its own strand.
    [[nodiscard]] orphan_ptr adopt(connection_context& connection, call_worker& worker);

private:
    [[nodiscard]] orphan_ptr take_surplus();
    void remove(orphan& which);
    void unlist(orphan& which);

    const std::size_t most_;
    std::mutex mutex_;
    std::list<orphan*> all_;  ///< The oldest first.
    std::unordered_map<address_group, std::size_t, address_group::hash> counts_;
};

}  // namespace echosocket::net
