#include "client/connection_waiters.hpp"

#include <string>

namespace echosocket {

void connection_waiters::add(const waiter_ptr& who) {
    if (waiting_.size() >= most_)
        return who->waiting.complete(
            failure(errc::overloaded, "as many calls as allowed wait for a connection: " + std::to_string(most_) +
                                          " (limits::max_queued_calls)"));
    waiting_.push(who);
    if (who->deadline) arm(*who->deadline);
}

void connection_waiters::arm(time_point when) {
    if (alarm_at_ && *alarm_at_ <= when) return;
    if (!alarm_) alarm_ = clock_.make_alarm(owner_.executor());
    alarm_->set(when, [this] { owner_.guard([this] { expire(); }); });
    alarm_at_ = when;
}

void connection_waiters::give_up(const waiter_ptr& who) {
    if (waiting_.take(*who)) who->waiting.complete(failure(errc::cancelled, "cancelled by the caller"));
}

void connection_waiters::context_goes(const failure& why) {
    release(why);
    alarm_.reset();
}

void connection_waiters::expire() {
    alarm_at_.reset();
    const auto now = clock_.now();
    while (const auto who = waiting_.take_expired(now))
        who->waiting.complete(failure(errc::deadline_exceeded, "there was no connection within the call's timeout"));
    if (const auto next = waiting_.next_due()) arm(*next);
}

}  // namespace echosocket
