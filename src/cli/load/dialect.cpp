#include "cli/load/dialect.hpp"

namespace echosocket::load {

frames::frames(const options& wanted, std::string_view payload) {
    protocol::hello self;
    self.name = "echosocket bench";
    self.max_message = most;
    self.max_frame = static_cast<std::uint32_t>(most);
    protocol::append_hello(greeting_, self);

    protocol::meta meta;
    meta.name = wanted.task;
    if (wanted.deadline_ms != 0) meta.deadline_ms = wanted.deadline_ms;
    meta.content_type = wanted.body_is_json ? protocol::content_json : protocol::content_bytes;
    const std::size_t meta_bytes = protocol::meta_size(meta);
    request_head_.resize(protocol::header_size + meta_bytes);
    protocol::write_header(request_head_.data(), protocol::frame_kind::request, 0, 1, meta_bytes, payload.size());
    protocol::write_meta(request_head_.data() + protocol::header_size, meta);
}

}  // namespace echosocket::load
