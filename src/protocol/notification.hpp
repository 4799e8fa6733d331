// A notification on its way out: encoded once, shared by all connections that it goes to.
#pragma once

#include <echosocket/content_type.hpp>
#include <echosocket/limits.hpp>
#include <echosocket/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace echosocket::protocol {

/// The rules of a topic, and with which other topics it shares their bounds.
struct topic_rules {
    queue_rules rules;
    std::string lane;  ///< The topic if it has rules of its own; empty for all topics that have none.
};

struct notification {
    std::shared_ptr<const std::string> frame;  ///< Whole, as if no receiver wanted it split.
    std::size_t meta_at = 0;                   ///< Where in `frame`.
    std::size_t body_at = 0;
    std::string topic;
    std::string key;  ///< Of what `keep_latest` keeps one of.
    topic_rules queue;

    [[nodiscard]] std::size_t size() const noexcept { return frame->size(); }
    [[nodiscard]] std::size_t body_size() const noexcept { return frame->size() - body_at; }
    [[nodiscard]] std::string_view meta() const noexcept {
        return std::string_view(*frame).substr(meta_at, body_at - meta_at);
    }
};

using notification_ptr = std::shared_ptr<const notification>;

/// `key` is what `overflow::keep_latest` keeps one notification of.
///
/// Errors: `invalid_name` for the topic, `bad_request` for too long a trace id.
[[nodiscard]] result<notification_ptr> make_notification(std::string_view topic, const encoded_body& body,
                                                         std::string_view trace_id, std::string_view key,
                                                         topic_rules queue);

}  // namespace echosocket::protocol
