#include "protocol/request_head.hpp"

#include "wire/meta.hpp"
#include "wire/utf8.hpp"

namespace echosocket::protocol {

bool request_head::read(std::string_view meta) {
    wire::meta records;
    if (!wire::parse_meta(meta, records)) return false;
    const auto place_of = [meta](std::string_view part) {
        if (part.empty()) return place{};
        return place{static_cast<std::uint16_t>(part.data() - meta.data()), static_cast<std::uint16_t>(part.size())};
    };
    bytes_ = meta;
    name_ = place_of(records.name);
    has_name_ = wire::is_valid_name(records.name);
    trace_id_ = place_of(records.trace_id);
    idempotency_key_ = place_of(records.idempotency_key);
    deadline_ms_ = records.deadline_ms;
    streams_ = records.streams & (wire::stream_from_caller | wire::stream_to_caller);
    // A stream can't be had a second time.
    if (streams_ != 0) idempotency_key_ = {};
    type_ = records.content_type;
    return true;
}

void request_head::describe(const wire::frame& f, event& e) const noexcept {
    e.id = f.id;
    e.name = name_.of(f.meta);
    e.trace_id = trace_id_.of(f.meta);
    e.idempotency_key = idempotency_key_.of(f.meta);
    e.body = f.body;
    e.type = type_;
    e.streams = streams_;
}

}  // namespace echosocket::protocol
