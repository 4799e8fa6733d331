// Calls that wait until the other end takes one more. Plain data.
#pragma once

#include "protocol/call_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace echosocket::protocol {

/// In the order in which they were begun. Taking one out of the middle costs no walk: thousands may be cancelled, or
/// run out of time, at once.
///
/// `Call` has a `deadline`, and a `place` that belongs to the queue.
template <class Call>
class call_queue {
public:
    using call_ptr = std::shared_ptr<Call>;
    using time_point = std::chrono::steady_clock::time_point;

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

    void push(const call_ptr& call) {
        call->place = ++last_;
        waiting_.insert(last_, call, call->deadline);
    }
    /// The first one; only if there is one.
    [[nodiscard]] call_ptr pop() {
        for (;;)
            if (auto call = waiting_.take(first_++)) return std::move(*call);
    }
    /// False if it is not in here.
    bool take(const Call& call) {
        const auto* found = waiting_.find(call.place);
        return found != nullptr && found->get() == &call && waiting_.take(call.place);
    }
    /// The next one whose deadline is not after `now`, or null.
    [[nodiscard]] call_ptr take_expired(time_point now) {
        const auto place = waiting_.next_expired(now);
        return place ? std::move(*waiting_.take(*place)) : nullptr;
    }
    /// The earliest deadline of all that wait.
    [[nodiscard]] std::optional<time_point> next_due() { return waiting_.next_deadline(); }

private:
    call_table<call_ptr> waiting_;  // by place
    std::uint32_t first_ = 1;       // the first place that may be taken
    std::uint32_t last_ = 0;
};

}  // namespace echosocket::protocol
