// What one peer may provoke: cancels and errors that cost this end work.
#pragma once

#include "protocol/token_bucket.hpp"

#include <echosocket/error.hpp>
#include <echosocket/limits.hpp>

#include <memory>

namespace echosocket::protocol {

/// Is an answer with this code the caller's own fault?
[[nodiscard]] constexpr bool is_callers_fault(errc code) noexcept {
    return code == errc::bad_request || code == errc::unknown_task || code == errc::not_allowed ||
           code == errc::overloaded || code == errc::message_too_large;
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
