// The groups of one server, and which peer is in which.
#pragma once

#include "connection/connection.hpp"
#include "protocol/notification.hpp"
#include "seeded_hash.hpp"
#include "server/flush_scheduler.hpp"

#include <echosocket/group.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace echosocket {

class group_table;

namespace detail {

/// One group.
///
/// Thread safety: all members may be called from any thread. A notification is handed to every member before the next
/// one is, and before anybody joins or leaves, so that all members see the same order without a gap.
class group_state {
public:
    using connection_ptr = std::shared_ptr<net::connection>;

    group_state(std::string name, std::weak_ptr<group_table> table, std::shared_ptr<net::flush_scheduler> scheduler)
        : name_(std::move(name)), table_(std::move(table)), flush_scheduler_(std::move(scheduler)) {}
    group_state(const group_state&) = delete;
    group_state& operator=(const group_state&) = delete;
    ~group_state();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::shared_ptr<group_table> table() const noexcept { return table_.lock(); }

    [[nodiscard]] bool has(const connection_info* member) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<connection_ptr> members() const;
    /// Notifies all members except `but`, which may be nullptr. Returns how many there were.
    std::size_t notify(const protocol::notification_ptr& what, const connection_info* but) const;
    /// The same for members that are not in `others`, which may be nullptr.
    std::size_t notify_beside(const protocol::notification_ptr& what, const group_state* others) const;

    // For `group_table`, which knows the groups of each member.
    void add(const connection_ptr& member);
    void remove(std::uint64_t id);

private:
    template <class Concerns>
    std::size_t notify_those(const protocol::notification_ptr& what, Concerns concerns) const;

    const std::string name_;
    const std::weak_ptr<group_table> table_;
    const std::shared_ptr<net::flush_scheduler> flush_scheduler_;
    mutable std::mutex mutex_;
    std::vector<connection_ptr> members_;
    std::unordered_map<std::uint64_t, std::size_t> places_;  ///< By id: the place in `members_`.
};

}  // namespace detail

/// The groups of one server. A group lives as long as it has members or somebody holds a handle to it.
///
/// Thread safety: all members may be called from any thread.
class group_table : public std::enable_shared_from_this<group_table> {
public:
    using group_ptr = std::shared_ptr<detail::group_state>;
    using connection_ptr = detail::group_state::connection_ptr;

    /// `host` is the server of all members; a peer may be in at most `max_groups` groups.
    group_table(const net::connection_host& host, std::shared_ptr<net::flush_scheduler> scheduler,
                std::size_t max_groups)
        : host_(host), flush_scheduler_(std::move(scheduler)), max_groups_(max_groups) {}

    /// Makes the group if there is none.
    [[nodiscard]] group_ptr get(std::string_view name);
    /// nullptr if there is none.
    [[nodiscard]] group_ptr find(std::string_view name) const;
    /// Errors: `connection_lost`, `overloaded`, `bad_request`.
    result<void> join(const group_ptr& group, const connection_ptr& member);
    /// Returns false if it was no member.
    bool leave(const detail::group_state& group, const connection_ptr& member);
    /// Call it when a connection has ended.
    void leave_all(std::uint64_t id);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] protocol::topic_rules rules_of(std::string_view topic) const { return host_.rules_of(topic); }
    /// Drops the name if nobody holds the group any more.
    void forget_if_gone(const std::string& name);

private:
    const net::connection_host& host_;
    const std::shared_ptr<net::flush_scheduler> flush_scheduler_;
    const std::size_t max_groups_;
    mutable std::mutex mutex_;
    name_map<std::weak_ptr<detail::group_state>> groups_;
    std::unordered_map<std::uint64_t, std::vector<group_ptr>> joined_;  ///< By the member's id.
};

}  // namespace echosocket
