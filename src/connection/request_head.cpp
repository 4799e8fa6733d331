#include "connection/request.hpp"

namespace echosocket::net {

bool request_head::read(std::string_view meta) {
    wire::meta records;
    if (!wire::parse_meta(meta, records)) return false;
    const auto place_of = [meta](std::string_view part) {
        if (part.empty()) return place{};
        return place{static_cast<std::uint16_t>(part.data() - meta.data()), static_cast<std::uint16_t>(part.size())};
    };
    bytes_ = meta;
    name_ = place_of(records.name);
    trace_id_ = place_of(records.trace_id);
    idempotency_key_ = place_of(records.idempotency_key);
    deadline_ms = records.deadline_ms;
    streams = records.streams & (wire::stream_from_caller | wire::stream_to_caller);
    // A stream can't be had a second time.
    if (streams != 0) idempotency_key_ = {};
    type_ = records.content_type;
    task = nullptr;
    return true;
}

void request_head::describe(const wire::frame& f, request& r) const noexcept {
    r.id = f.id;
    r.name = name_.of(f.meta);
    r.trace_id = trace_id_.of(f.meta);
    r.idempotency_key = idempotency_key_.of(f.meta);
    r.body = f.body;
    r.type = type_;
    r.streams = streams;
}

}  // namespace echosocket::net
