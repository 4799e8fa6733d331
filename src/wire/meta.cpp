#include "wire/meta.hpp"

#include "wire/record.hpp"
#include "wire/utf8.hpp"

#include <cstring>

namespace echosocket::wire {

namespace {

constexpr std::uint8_t json_content = 1;  // everything else is bytes

bool read_bytes(std::string_view value, std::size_t least, std::size_t most, std::string_view& out) noexcept {
    if (value.size() < least || value.size() > most) return false;
    out = value;
    return true;
}

bool read_content_type(std::string_view value, content_type& out) noexcept {
    std::uint8_t number = 0;
    if (!read_integer<std::uint8_t>(value, number)) return false;
    out = number == json_content ? content_type::json : content_type::bytes;
    return true;
}

bool read_record(meta_tag tag, std::string_view value, meta& out) noexcept {
    switch (tag) {
        case meta_tag::name:
            return read_bytes(value, 1, max_name, out.name);
        case meta_tag::deadline:
            return read_integer<std::uint32_t>(value, out.deadline_ms);
        case meta_tag::code:
            return read_integer<std::uint16_t>(value, out.code);
        case meta_tag::facts:
            return read_integer<std::uint8_t>(value, out.facts);
        case meta_tag::trace_id:
            return read_bytes(value, 0, max_trace_id, out.trace_id);
        case meta_tag::idempotency_key:
            return read_bytes(value, 0, max_idempotency_key, out.idempotency_key);
        case meta_tag::content_type:
            return read_content_type(value, out.content_type);
        case meta_tag::last_call:
            return read_integer<std::uint32_t>(value, out.last_call);
        case meta_tag::credit:
            return read_integer<std::uint32_t>(value, out.credit);
        case meta_tag::streams:
            return read_integer<std::uint8_t>(value, out.streams);
    }
    return true;  // a tag of a later version
}

constexpr std::size_t bytes_record(std::string_view value) noexcept {
    return value.empty() ? 0 : record_head + value.size();
}

char* write_head(char* out, meta_tag tag, std::size_t size) noexcept {
    out = store(out, static_cast<std::uint8_t>(tag));
    return store(out, static_cast<std::uint16_t>(size));
}

char* write_bytes(char* out, meta_tag tag, std::string_view value) noexcept {
    if (value.empty()) return out;
    out = write_head(out, tag, value.size());
    std::memcpy(out, value.data(), value.size());
    return out + value.size();
}

template <class Integer>
char* write_integer(char* out, meta_tag tag, Integer value) noexcept {
    return store(write_head(out, tag, sizeof value), value);
}

}  // namespace

bool parse_meta(std::string_view bytes, meta& out) noexcept {
    while (!bytes.empty()) {
        if (bytes.size() < record_head) return false;
        const auto tag = static_cast<meta_tag>(bytes[0]);
        const std::size_t size = load<std::uint16_t>(bytes.data() + 1);
        if (size > bytes.size() - record_head) return false;
        if (!read_record(tag, bytes.substr(record_head, size), out)) return false;
        bytes.remove_prefix(record_head + size);
    }
    return true;
}

std::size_t meta_size(const meta& m) noexcept {
    std::size_t size = bytes_record(m.name) + bytes_record(m.trace_id) + bytes_record(m.idempotency_key);
    if (m.deadline_ms) size += record_head + sizeof(std::uint32_t);
    if (m.code != 0) size += record_head + sizeof m.code;
    if (m.facts != 0) size += record_head + sizeof m.facts;
    if (m.content_type == content_type::json) size += record_head + sizeof json_content;
    if (m.last_call) size += record_head + sizeof(std::uint32_t);
    if (m.credit) size += record_head + sizeof(std::uint32_t);
    if (m.streams != 0) size += record_head + sizeof m.streams;
    return size;
}

void write_meta(char* out, const meta& m) noexcept {
    out = write_bytes(out, meta_tag::name, m.name);
    if (m.deadline_ms) out = write_integer(out, meta_tag::deadline, *m.deadline_ms);
    if (m.code != 0) out = write_integer(out, meta_tag::code, m.code);
    if (m.facts != 0) out = write_integer(out, meta_tag::facts, m.facts);
    out = write_bytes(out, meta_tag::trace_id, m.trace_id);
    out = write_bytes(out, meta_tag::idempotency_key, m.idempotency_key);
    if (m.content_type == content_type::json) out = write_integer(out, meta_tag::content_type, json_content);
    if (m.last_call) out = write_integer(out, meta_tag::last_call, *m.last_call);
    if (m.credit) out = write_integer(out, meta_tag::credit, *m.credit);
    if (m.streams != 0) write_integer(out, meta_tag::streams, m.streams);
}

}  // namespace echosocket::wire
