#include "server/groups.hpp"

#include <algorithm>
#include <utility>

namespace echosocket {

namespace detail {

group_state::~group_state() {
    if (const auto table = table_.lock()) table->forget_if_gone(name_);
}

bool group_state::has(const connection_info* member) const {
    const std::lock_guard lock(mutex_);
    const auto found = member == nullptr ? places_.end() : places_.find(member->id());
    return found != places_.end() && members_[found->second].get() == member;
}

std::size_t group_state::size() const {
    const std::lock_guard lock(mutex_);
    return members_.size();
}

std::vector<group_state::connection_ptr> group_state::members() const {
    const std::lock_guard lock(mutex_);
    return members_;
}

template <class Concerns>
std::size_t group_state::notify_those(const protocol::notification_ptr& what, Concerns concerns) const {
    std::vector<connection_ptr> owed;
    std::size_t told = 0;
    try {
        const std::lock_guard lock(mutex_);
        owed.reserve(members_.size());
        for (const auto& member : members_) {
            if (!concerns(member.get())) continue;
            if (member->mailbox().queue_notification(what)) owed.push_back(member);
            ++told;
        }
    } catch (...) {  // some have it already, and wait for their flush
        flush_scheduler_->schedule(std::move(owed));
        throw;
    }
    flush_scheduler_->schedule(std::move(owed));
    return told;
}

std::size_t group_state::notify(const protocol::notification_ptr& what, const connection_info* but) const {
    return notify_those(what, [but](const connection_info* member) { return member != but; });
}

std::size_t group_state::notify_beside(const protocol::notification_ptr& what, const group_state* others) const {
    return notify_those(what,
                        [others](const connection_info* member) { return others == nullptr || !others->has(member); });
}

void group_state::add(const connection_ptr& member) {
    const std::lock_guard lock(mutex_);
    if (places_.try_emplace(member->id(), members_.size()).second) members_.push_back(member);
}

void group_state::remove(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(id);
    if (found == places_.end()) return;
    const auto place = found->second;
    places_.erase(found);
    if (place + 1 != members_.size()) {
        members_[place] = std::move(members_.back());
        places_[members_[place]->id()] = place;
    }
    members_.pop_back();
}

}  // namespace detail

group_table::group_ptr group_table::get(std::string_view name) {
    const std::lock_guard lock(mutex_);
    auto& known = groups_[std::string(name)];
    auto group = known.lock();
    if (!group)
        known = group = std::make_shared<detail::group_state>(std::string(name), weak_from_this(), flush_scheduler_);
    return group;
}

group_table::group_ptr group_table::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto known = groups_.find(name);
    return known == groups_.end() ? nullptr : known->second.lock();
}

result<void> group_table::join(const group_ptr& group, const connection_ptr& member) {
    if (!member || &member->host() != &host_)
        return failure(errc::bad_request, "only peers of the group's own server can join it");
    const std::lock_guard lock(mutex_);
    // With the mutex locked: a connection that ends from now on comes to `leave_all` afterwards.
    if (!member->connected()) return failure(errc::connection_lost, "the connection has ended");
    auto& groups = joined_[member->id()];
    if (std::ranges::find(groups, group) != groups.end()) return {};
    if (groups.size() >= max_groups_)
        return failure(errc::overloaded, "in too many groups: at most " + std::to_string(max_groups_) +
                                             " for one peer (limits::max_groups)");
    groups.push_back(group);
    group->add(member);
    return {};
}

bool group_table::leave(const detail::group_state& group, const connection_ptr& member) {
    if (!member || &member->host() != &host_) return false;  // a peer of another server may have the same id
    const auto id = member->id();
    group_ptr left;  // destroyed after the mutex is unlocked: the last owner calls `forget_if_gone`
    {
        const std::lock_guard lock(mutex_);
        const auto joined = joined_.find(id);
        if (joined == joined_.end()) return false;
        auto& groups = joined->second;
        const auto found = std::ranges::find(groups, &group, &group_ptr::get);
        if (found == groups.end()) return false;
        left = std::move(*found);
        groups.erase(found);
        if (groups.empty()) joined_.erase(joined);
        left->remove(id);
    }
    return true;
}

void group_table::leave_all(std::uint64_t id) {
    std::vector<group_ptr> left;  // destroyed after the mutex is unlocked, too
    {
        const std::lock_guard lock(mutex_);
        const auto joined = joined_.find(id);
        if (joined == joined_.end()) return;
        left = std::move(joined->second);
        joined_.erase(joined);
        for (const auto& group : left) group->remove(id);
    }
}

std::size_t group_table::size() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(groups_, [](const auto& each) { return !each.second.expired(); }));
}

void group_table::forget_if_gone(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto known = groups_.find(name);
    if (known != groups_.end() && known->second.expired()) groups_.erase(known);
}

}  // namespace echosocket
