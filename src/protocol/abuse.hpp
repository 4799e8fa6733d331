// What one peer may provoke: cancels and errors that cost this end work.
#pragma once

#include "protocol/token_bucket.hpp"

#include <echosocket/limits.hpp>
#include <echosocket/result.hpp>

#include <memory>

namespace echosocket::protocol {

/// Is it the caller's own fault that this end refused its call? What a task answers is between the task and its caller.
[[nodiscard]] inline bool is_callers_fault(const failure& why) noexcept {
    if (why.origin == failure_origin::task) return false;
    return why.code == errc::bad_request || why.code == errc::unknown_task || why.code == errc::not_allowed ||
           why.code == errc::overloaded || why.code == errc::message_too_large;
}

/// Most peers never provoke anything, so the bucket is made by the first charge.
class abuse_budget {
public:
    /// False if the budget is used up.
    [[nodiscard]] bool charge(const limits& given, token_bucket::time_point now) {
        if (!bucket_) bucket_ = std::make_unique<token_bucket>(given.abuse_burst, given.abuse_per_second);
        return bucket_->take(now);
    }

private:
    std::unique_ptr<token_bucket> bucket_;
};

}  // namespace echosocket::protocol
