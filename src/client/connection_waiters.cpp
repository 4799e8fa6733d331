#include "client/connection_waiters.hpp"

#include <algorithm>
#include <utility>

namespace echosocket {

void connection_waiters::add(waiter_ptr who) {
    const bool may_expire = who->until.has_value();
    waiting_.push_back(std::move(who));
    if (!may_expire) return;
    if (!alarm_) alarm_ = clock_.make_alarm(owner_.executor());
    expire();
}

void connection_waiters::give_up(const waiter_ptr& who) {
    if (std::erase(waiting_, who) != 0) who->waiting.complete(failure(errc::cancelled, "cancelled by the caller"));
}

void connection_waiters::context_goes(const failure& why) {
    release(why);
    alarm_.reset();
}

void connection_waiters::expire() {
    const auto now = clock_.now();
    std::optional<time_point> next;
    std::vector<waiter_ptr> due;
    due.reserve(waiting_.size());
    std::erase_if(waiting_, [&](const auto& who) {
        if (!who->until) return false;
        if (*who->until <= now) {
            due.push_back(who);
            return true;
        }
        next = std::min(next.value_or(*who->until), *who->until);
        return false;
    });
    if (next) alarm_->set(*next, [this] { expire(); });
    for (const auto& who : due)
        who->waiting.complete(failure(errc::deadline_exceeded, "there was no connection within the call's timeout"));
}

}  // namespace echosocket
