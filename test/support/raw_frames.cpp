#include "support/raw_frames.hpp"

namespace echosocket::test::raw {

std::string bytes_of(const frame& f) {
    std::string bytes;
    wire::append_frame(bytes, {.kind = f.kind, .flags = f.flags, .id = f.id, .meta = f.meta, .body = f.body});
    return bytes;
}

std::string header(std::uint32_t length, frame_kind kind, std::uint32_t id, std::uint16_t meta_size,
                   std::uint8_t flags) {
    std::string bytes(wire::header_size, '\0');
    wire::write_header(bytes.data(), kind, flags, id, meta_size, 0);
    wire::store(bytes.data(), length);
    return bytes;
}

std::string meta(const wire::meta& records) {
    std::string bytes(wire::meta_size(records), '\0');
    wire::write_meta(bytes.data(), records);
    return bytes;
}

std::string hello(const wire::hello& h) {
    std::string bytes;
    wire::append_hello(bytes, h);
    return bytes;
}

std::string request(std::uint32_t id, std::string_view task, std::string_view body, std::uint8_t flags) {
    return bytes_of({frame_kind::request, flags, id, meta({.name = task}), std::string(body)});
}

std::string piece(std::uint32_t id, std::string_view body, std::uint8_t flags) {
    return bytes_of({frame_kind::request, flags, id, {}, std::string(body)});
}

std::string response(std::uint32_t id, std::string_view body, std::uint8_t flags) {
    return bytes_of({frame_kind::response, flags, id, {}, std::string(body)});
}

std::string error(std::uint32_t id, errc code, std::string_view text) {
    return bytes_of({frame_kind::error, 0, id, meta({.code = static_cast<std::uint16_t>(code)}), std::string(text)});
}

std::string cancel(std::uint32_t id) {
    return bytes_of({.kind = frame_kind::cancel, .id = id});
}

std::string stream_request(std::uint32_t id, std::string_view task, std::uint8_t streams, std::string_view body) {
    return bytes_of({frame_kind::request, 0, id, meta({.name = task, .streams = streams}), std::string(body)});
}

std::string item(std::uint32_t id, std::string_view body) {
    return bytes_of({.kind = frame_kind::item, .id = id, .body = std::string(body)});
}

std::string end(std::uint32_t id) {
    return bytes_of({.kind = frame_kind::end, .id = id});
}

std::string end(std::uint32_t id, errc code, std::string_view text) {
    return bytes_of({frame_kind::end, 0, id, meta({.code = static_cast<std::uint16_t>(code)}), std::string(text)});
}

std::string credit(std::uint32_t id, std::uint32_t bytes) {
    return bytes_of({.kind = frame_kind::credit, .id = id, .meta = meta({.credit = bytes})});
}

std::string ping(std::string_view body) {
    return bytes_of({.kind = frame_kind::ping, .body = std::string(body)});
}

std::string goaway(std::uint32_t last_call) {
    const wire::meta records{.code = static_cast<std::uint16_t>(errc::shutting_down), .last_call = last_call};
    return bytes_of({.kind = frame_kind::goaway, .meta = meta(records)});
}

}  // namespace echosocket::test::raw
