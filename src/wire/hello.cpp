#include "wire/hello.hpp"

#include "wire/record.hpp"
#include "wire/utf8.hpp"

#include <algorithm>
#include <limits>

namespace echosocket::wire {

namespace {

enum class hello_tag : std::uint8_t {
    name = 1,
    software = 2,
    max_frame = 3,
    max_message = 4,
    max_calls = 5,
    stream_credit = 6,
    notify_credit = 9,  // 7 and 8 are reserved
};

constexpr std::size_t fixed_body = magic.size() + 4;  // magic and the two halves of the version
constexpr std::size_t longest_text = 255;
constexpr std::uint32_t least_max_frame = 1024;
constexpr std::uint32_t most_credit = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t least_notify_credit = 1024;

hello_check broken(std::string_view detail) noexcept {
    return {errc::protocol_error, detail};
}
hello_check foreign(std::string_view detail) noexcept {
    return {errc::not_echosocket, detail};
}

bool read_text(std::string_view value, std::size_t least, std::string& out) {
    if (value.size() < least || value.size() > longest_text || !is_utf8(value)) return false;
    out.assign(value);
    return true;
}

bool read_record(hello_tag tag, std::string_view value, hello& out) {
    switch (tag) {
        case hello_tag::name:
            return read_text(value, 1, out.name);
        case hello_tag::software:
            return read_text(value, 0, out.software);
        case hello_tag::max_frame:
            return read_integer<std::uint32_t>(value, out.max_frame);
        case hello_tag::max_message:
            return read_integer<std::uint64_t>(value, out.max_message);
        case hello_tag::max_calls:
            return read_integer<std::uint32_t>(value, out.max_calls);
        case hello_tag::stream_credit:
            return read_integer<std::uint32_t>(value, out.stream_credit);
        case hello_tag::notify_credit:
            return read_integer<std::uint32_t>(value, out.notify_credit);
    }
    return true;  // a tag of a later version
}

hello_check read_records(std::string_view bytes, hello& out) {
    while (!bytes.empty()) {
        if (bytes.size() < record_head) return broken("a record of the HELLO is cut short");
        const auto tag = static_cast<hello_tag>(bytes[0]);
        const std::size_t size = load<std::uint16_t>(bytes.data() + 1);
        if (size > bytes.size() - record_head) return broken("a record of the HELLO is cut short");
        if (!read_record(tag, bytes.substr(record_head, size), out))
            return broken("a record of the HELLO has a value that it can't have");
        bytes.remove_prefix(record_head + size);
    }
    return {};
}

/// Returns true if this can be the start of a HELLO's length field, which is little-endian and at most 16 KiB.
bool may_be_hello_length(std::string_view bytes, std::size_t least) noexcept {
    if (bytes.size() < 2) return true;
    const std::size_t low_half = load<std::uint16_t>(bytes.data());
    const bool high_half = (bytes.size() > 2 && bytes[2] != 0) || (bytes.size() > 3 && bytes[3] != 0);
    return !high_half && low_half >= least && low_half <= max_hello;
}

template <class Integer>
void append_integer(std::string& out, hello_tag tag, Integer value) {
    char record[record_head + sizeof value];
    char* at = store(record, static_cast<std::uint8_t>(tag));
    at = store(at, static_cast<std::uint16_t>(sizeof value));
    store(at, value);
    out.append(record, sizeof record);
}

void append_text(std::string& out, hello_tag tag, std::string_view text) {
    char head[record_head];
    store(store(head, static_cast<std::uint8_t>(tag)), static_cast<std::uint16_t>(text.size()));
    out.append(head, sizeof head).append(text);
}

}  // namespace

hello_check check_hello_start(std::string_view bytes) noexcept {
    if (!may_be_hello_length(bytes, header_size - length_size + fixed_body))
        return foreign("the first bytes are no HELLO: no HELLO has that length");
    if (bytes.size() > 4 && static_cast<frame_kind>(bytes[4]) != frame_kind::hello)
        return foreign("the first frame is no HELLO");
    for (std::size_t at = 6; at < std::min(bytes.size(), header_size); ++at)  // byte 5, the flags, may have any value
        if (bytes[at] != 0) return foreign("the first bytes are no HELLO: it has neither meta nor an id");
    if (bytes.size() > header_size && !magic.starts_with(bytes.substr(header_size, magic.size())))
        return foreign("the first frame lacks the magic");
    return {};
}

hello_check check_answer_start(std::string_view bytes) noexcept {
    const bool is_error = bytes.size() > 4 && static_cast<frame_kind>(bytes[4]) == frame_kind::error;
    if (bytes.size() > 4 && !is_error) return check_hello_start(bytes);
    if (!may_be_hello_length(bytes, header_size - length_size))
        return foreign("the first bytes are neither a HELLO nor an ERROR: neither has that length");
    for (std::size_t at = 8; at < std::min(bytes.size(), header_size); ++at)
        if (bytes[at] != 0) return foreign("the first frame is an ERROR about a call");
    return {};
}

hello_check parse_hello(const frame& f, hello& out) {
    if (f.kind != frame_kind::hello || f.id != 0 || !f.meta.empty() || !f.body.starts_with(magic))
        return foreign("the first frame is no HELLO");
    if (f.body.size() < fixed_body) return broken("a HELLO is cut short");
    out.major = load<std::uint16_t>(f.body.data() + magic.size());
    out.minor = load<std::uint16_t>(f.body.data() + magic.size() + 2);
    if (out.major != version_major) return {errc::unsupported_version, "only version 1 of the protocol is spoken here"};
    if (f.more()) return broken("a HELLO is never split");

    if (const auto records = read_records(f.body.substr(fixed_body), out); records.error != errc{}) return records;
    if (out.name.empty()) return broken("a HELLO names nobody");
    if (out.max_frame < least_max_frame) return broken("a HELLO's max_frame is below 1024");
    if (out.max_message < out.max_frame) return broken("a HELLO's max_message is below its max_frame");
    if (out.stream_credit > most_credit) return broken("a HELLO's stream_credit is above 2147483647");
    if (out.notify_credit && (*out.notify_credit < least_notify_credit || *out.notify_credit > most_credit))
        return broken("a HELLO's notify_credit is not 1024 to 2147483647");
    return {};
}

void append_hello(std::string& out, const hello& h) {
    const std::size_t at = out.size();
    out.resize(at + header_size);
    out.append(magic);
    char version[4];
    store(store(version, h.major), h.minor);
    out.append(version, sizeof version);
    append_text(out, hello_tag::name, h.name);
    if (!h.software.empty()) append_text(out, hello_tag::software, h.software);
    append_integer(out, hello_tag::max_frame, h.max_frame);
    append_integer(out, hello_tag::max_message, h.max_message);
    append_integer(out, hello_tag::max_calls, h.max_calls);
    append_integer(out, hello_tag::stream_credit, h.stream_credit);
    if (h.notify_credit) append_integer(out, hello_tag::notify_credit, *h.notify_credit);
    write_header(out.data() + at, frame_kind::hello, 0, 0, 0, out.size() - at - header_size);
}

}  // namespace echosocket::wire
