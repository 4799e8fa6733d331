#include "server/flush_scheduler.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace echosocket::net {

namespace {
constexpr std::size_t in_one_go = 64;
}

void flush_scheduler::schedule(std::vector<connection_ptr> whom) {
    if (whom.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        owed_.insert(owed_.end(), std::move_iterator(whom.begin()), std::move_iterator(whom.end()));
        if (std::exchange(giving_, true)) return;
    }
    give_later();
}

void flush_scheduler::give_later() {
    asio::post(executor_, [self = shared_from_this()] { self->give_some(); });
}

void flush_scheduler::give_some() {
    for (const auto& each : next_few()) each->mailbox().flush_pending();
    if (!is_settled()) give_later();
}

std::vector<flush_scheduler::connection_ptr> flush_scheduler::next_few() {
    const std::lock_guard lock(mutex_);
    const auto end = owed_.begin() + static_cast<std::ptrdiff_t>(std::min(in_one_go, owed_.size()));
    std::vector<connection_ptr> few(std::move_iterator(owed_.begin()), std::move_iterator(end));
    owed_.erase(owed_.begin(), end);
    return few;
}

bool flush_scheduler::is_settled() {
    const std::lock_guard lock(mutex_);
    giving_ = !owed_.empty();
    return !giving_;
}

}  // namespace echosocket::net
