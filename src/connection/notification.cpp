#include "connection/notification.hpp"

#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <utility>

namespace echosocket::net {

result<notification_ptr> make_notification(std::string_view topic, const encoded_body& body,
                                           const notify_options& options, topic_rules queue) {
    if (!wire::is_valid_name(topic)) return failure(errc::invalid_name, "a topic's name has 1 to 255 bytes of UTF-8");
    if (options.trace_id.size() > 64) return failure(errc::bad_request, "a trace id has at most 64 bytes");

    const wire::meta meta{.name = topic, .trace_id = options.trace_id, .content_type = body.type};
    auto made = std::make_shared<notification>();
    const std::size_t meta_size = wire::meta_size(meta);
    made->meta_at = wire::header_size;
    made->body_at = wire::header_size + meta_size;
    std::string frame(made->body_at, '\0');
    frame.reserve(made->body_at + body.bytes.size());
    wire::write_header(frame.data(), wire::frame_kind::notify, 0, 0, meta_size, body.bytes.size());
    wire::write_meta(frame.data() + made->meta_at, meta);
    frame += body.bytes;
    made->frame = std::make_shared<const std::string>(std::move(frame));
    made->topic = topic;
    made->key = options.key;
    made->queue = std::move(queue);
    return notification_ptr(std::move(made));
}

}  // namespace echosocket::net
