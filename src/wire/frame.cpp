#include "wire/frame.hpp"

#include "wire/meta.hpp"

#include <algorithm>
#include <cstring>

namespace echosocket::wire {

namespace {

constexpr std::size_t counted_header = header_size - length_size;  // the part of the header that the length counts

parsed incomplete(std::size_t needed) noexcept {
    return {.status = parse_status::incomplete, .size = needed};
}

/// Returns true if the connection can go on without this frame.
bool is_skippable(const frame& f) noexcept {
    return is_known(f.kind) ? is_splittable(f.kind) || f.kind == frame_kind::item : f.ignorable();
}

parsed invalid(errc error, std::string_view detail) noexcept {
    return {.status = parse_status::invalid, .error = error, .detail = detail};
}

}  // namespace

std::string_view name_of(frame_kind kind) noexcept {
    switch (kind) {
        case frame_kind::hello:
            return "HELLO";
        case frame_kind::request:
            return "REQUEST";
        case frame_kind::response:
            return "RESPONSE";
        case frame_kind::error:
            return "ERROR";
        case frame_kind::cancel:
            return "CANCEL";
        case frame_kind::notify:
            return "NOTIFY";
        case frame_kind::item:
            return "ITEM";
        case frame_kind::end:
            return "END";
        case frame_kind::credit:
            return "CREDIT";
        case frame_kind::ping:
            return "PING";
        case frame_kind::pong:
            return "PONG";
        case frame_kind::goaway:
            return "GOAWAY";
    }
    return "unknown";
}

std::string_view fault_of(const frame& f) noexcept {
    if (!is_known(f.kind)) return {};
    if (f.more() && !is_splittable(f.kind)) return "MORE on a frame whose body can't be split";
    if (f.more() && f.kind == frame_kind::notify && f.id == 0) return "a split NOTIFY without an id";
    const bool about_the_connection = f.kind == frame_kind::hello || f.kind == frame_kind::ping ||
                                      f.kind == frame_kind::pong || f.kind == frame_kind::goaway;
    if (about_the_connection && f.id != 0) return "an id on a frame about the connection";
    if (f.kind == frame_kind::ping && f.body.size() > max_ping) return "a PING of more than 64 bytes";
    if (meta records; !f.meta.empty() && !parse_meta(f.meta, records)) return "a meta that can't be read";
    return {};
}

parsed detail::parse_unfinished_or_bad(std::string_view bytes, const frame_limits& limits) noexcept {
    if (bytes.size() < length_size) return incomplete(length_size);
    const std::size_t length = load<std::uint32_t>(bytes.data());
    if (length < counted_header) return invalid(errc::protocol_error, "a frame's length is below 8");

    const std::size_t rest = length - counted_header;
    const std::size_t largest = std::max(limits.max_frame, limits.max_skip);
    if (rest > max_meta && rest - max_meta > largest)
        return invalid(errc::frame_too_large, "a frame's body is above max_message");
    if (bytes.size() < header_size) return incomplete(header_size);

    const std::size_t meta_size = load<std::uint16_t>(bytes.data() + 6);
    if (meta_size > max_meta) return invalid(errc::protocol_error, "a frame's meta is above 4096 bytes");
    if (meta_size > rest) return invalid(errc::protocol_error, "a frame's meta is longer than the frame");

    const std::size_t body_size = rest - meta_size;
    if (body_size <= limits.max_frame) return incomplete(header_size + rest);
    if (body_size > limits.max_skip) return invalid(errc::frame_too_large, "a frame's body is above max_message");
    const frame f{.kind = static_cast<frame_kind>(bytes[4]),
                  .flags = static_cast<std::uint8_t>(bytes[5]),
                  .id = load<std::uint32_t>(bytes.data() + 8)};
    if (!is_skippable(f))
        return invalid(errc::frame_too_large, "a frame of a kind that can't be skipped is above max_frame");
    return {.status = parse_status::oversized, .frame = f, .size = header_size + rest};
}

void append_frame(std::string& out, const frame& f) {
    const std::size_t at = out.size();
    out.resize(at + header_size);
    write_header(out.data() + at, f.kind, f.flags, f.id, f.meta.size(), f.body.size());
    out.append(f.meta);
    out.append(f.body);
}

}  // namespace echosocket::wire
