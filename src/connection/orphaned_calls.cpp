#include "connection/orphaned_calls.hpp"

#include "connection/call_worker.hpp"
#include "connection/connection_context.hpp"

#include <algorithm>
#include <string>

namespace echosocket::net {

class orphaned_calls::orphan : public std::enable_shared_from_this<orphan> {
public:
    orphan(orphaned_calls& list, connection_context& connection, call_worker& worker)
        : owner(group_of(connection.address())),
          list_(list),
          connection_(connection.weak_from_this()),
          worker_(worker) {}
    orphan(const orphan&) = delete;
    orphan& operator=(const orphan&) = delete;
    ~orphan() { list_.remove(*this); }

    void cancel_soon() {
        const auto connection = connection_.lock();
        if (!connection) return;
        connection->log_some(log_limits::kind::orphan_cancelled, log_level::warning, [] {
            return std::string("a call with a key is cancelled, since too many run on without their connections");
        });
        connection->post([self = weak_from_this()] {
            if (const auto still_runs = self.lock()) still_runs->worker_.cancel(errc::connection_lost);
        });
    }

    const address_group owner;
    bool listed = false;
    std::list<orphan*>::iterator at{};  ///< If it is listed.

private:
    orphaned_calls& list_;
    std::weak_ptr<connection_context> connection_;
    call_worker& worker_;
};

orphaned_calls::orphan_ptr orphaned_calls::adopt(connection_context& connection, call_worker& worker) {
    auto adopted = std::make_shared<orphan>(*this, connection, worker);
    {
        const std::lock_guard lock(mutex_);
        adopted->at = all_.insert(all_.end(), adopted.get());
        adopted->listed = true;
        ++counts_[adopted->owner];
    }
    while (const auto surplus = take_surplus()) surplus->cancel_soon();
    return adopted;
}

orphaned_calls::orphan_ptr orphaned_calls::take_surplus() {
    const std::lock_guard lock(mutex_);
    while (all_.size() > most_) {
        const auto most = std::ranges::max_element(counts_, {}, [](const auto& each) { return each.second; })->second;
        auto& oldest = **std::ranges::find(all_, most, [this](const auto* each) { return counts_.at(each->owner); });
        unlist(oldest);
        if (auto surplus = oldest.weak_from_this().lock()) return surplus;  // else it ends just now
    }
    return nullptr;
}

void orphaned_calls::remove(orphan& which) {
    const std::lock_guard lock(mutex_);
    if (which.listed) unlist(which);
}

void orphaned_calls::unlist(orphan& which) {
    which.listed = false;
    all_.erase(which.at);
    const auto count = counts_.find(which.owner);
    if (--count->second == 0) counts_.erase(count);
}

}  // namespace echosocket::net
