#include "cli/load/dialect.hpp"

namespace echosocket::load {

frames::frames(const options& wanted, std::string_view payload) {
    wire::hello self;
    self.name = "echosocket bench";
    self.max_message = most;
    self.max_frame = static_cast<std::uint32_t>(most);
    wire::append_hello(greeting_, self);

    wire::meta meta;
    meta.name = wanted.task;
    if (wanted.deadline_ms != 0) meta.deadline_ms = wanted.deadline_ms;
    meta.content_type = wanted.body_is_json ? content_type::json : content_type::bytes;
    const std::size_t meta_bytes = wire::meta_size(meta);
    request_head_.resize(wire::header_size + meta_bytes);
    wire::write_header(request_head_.data(), wire::frame_kind::request, 0, 1, meta_bytes, payload.size());
    wire::write_meta(request_head_.data() + wire::header_size, meta);
}

}  // namespace echosocket::load
