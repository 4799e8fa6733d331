#include "support/vectors.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace echosocket::test {

namespace {

using wire::frame_kind;

/// A line's words; `key="a text"` is one word, its quotes and escapes still in place.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    bool quoted = false;
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == ' ' && !quoted) {
            inside = false;
            continue;
        }
        if (!inside) words.emplace_back();
        inside = true;
        if (c == '"') quoted = !quoted;
        words.back() += c;
        if (c == '\\' && quoted && i + 1 < line.size()) words.back() += line[++i];
    }
    return words;
}

std::string text_of(std::string_view value) {
    if (value.starts_with("hex:")) return bytes_of_hex(value.substr(4));
    if (value.size() < 2 || value.front() != '"' || value.back() != '"')
        throw std::runtime_error("neither a text nor hex: " + std::string(value));
    std::string text;
    for (std::size_t i = 1; i + 1 < value.size(); ++i) {
        if (value[i] == '\\') ++i;
        text += value[i];
    }
    return text;
}

template <class Integer>
Integer number_of(const std::string& value) {
    return static_cast<Integer>(std::stoull(value, nullptr, 0));
}

errc reason_of(std::string_view name) {
    for (std::uint16_t code = 1; code < 100; ++code)
        if (name_of(static_cast<errc>(code)) == name) return static_cast<errc>(code);
    throw std::runtime_error("no reason has the name " + std::string(name));
}

frame_kind kind_of(const std::string& name) {
    for (std::uint8_t kind = 1; is_known(static_cast<frame_kind>(kind)); ++kind)
        if (name_of(static_cast<frame_kind>(kind)) == name) return static_cast<frame_kind>(kind);
    return static_cast<frame_kind>(number_of<std::uint8_t>(name));
}

/// `key=value` words from the `first` on.
std::map<std::string, std::string> records_of(const std::vector<std::string>& words, std::size_t first) {
    std::map<std::string, std::string> records;
    for (std::size_t i = first; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        if (equals == std::string::npos) throw std::runtime_error("no record: " + words[i]);
        records[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    return records;
}

void read_frame_line(const std::vector<std::string>& words, described_frame& f) {
    f.kind = kind_of(words.at(1));
    for (std::size_t i = 2; i < words.size(); ++i) {
        if (words[i] == "MORE") {
            f.flags |= wire::flag_more;
        } else if (words[i] == "IGNORABLE") {
            f.flags |= wire::flag_ignorable;
        } else if (words[i].starts_with("flags=")) {
            f.flags = number_of<std::uint8_t>(words[i].substr(6));
        } else if (words[i].starts_with("id=")) {
            f.id = number_of<std::uint32_t>(words[i].substr(3));
        } else {
            throw std::runtime_error("no field of a header: " + words[i]);
        }
    }
}

void read_meta_line(const std::vector<std::string>& words, described_frame& f) {
    for (const auto& [key, value] : records_of(words, 1)) {
        if (key == "name") {
            f.name = text_of(value);
        } else if (key == "trace_id") {
            f.trace_id = text_of(value);
        } else if (key == "idempotency_key") {
            f.idempotency_key = text_of(value);
        } else if (key == "deadline") {
            f.numbers.deadline_ms = number_of<std::uint32_t>(value);
        } else if (key == "code") {
            f.numbers.code = number_of<std::uint16_t>(value);
        } else if (key == "facts") {
            f.numbers.facts = number_of<std::uint8_t>(value);
        } else if (key == "content_type") {
            f.numbers.content_type = number_of<std::uint8_t>(value) == 1 ? content_type::json : content_type::bytes;
        } else if (key == "last_call") {
            f.numbers.last_call = number_of<std::uint32_t>(value);
        } else if (key == "credit") {
            f.numbers.credit = number_of<std::uint32_t>(value);
        } else if (key == "streams") {
            f.numbers.streams = number_of<std::uint8_t>(value);
        } else {
            throw std::runtime_error("no record of a meta: " + key);
        }
    }
}

void read_hello_line(const std::vector<std::string>& words, described_frame& f) {
    auto& h = f.hello.emplace();
    for (const auto& [key, value] : records_of(words, 1)) {
        if (key == "version") {
            h.major = number_of<std::uint16_t>(value);
            h.minor = number_of<std::uint16_t>(value.substr(value.find('.') + 1));
        } else if (key == "name") {
            h.name = text_of(value);
        } else if (key == "software") {
            h.software = text_of(value);
        } else if (key == "max_frame") {
            h.max_frame = number_of<std::uint32_t>(value);
        } else if (key == "max_message") {
            h.max_message = number_of<std::uint64_t>(value);
        } else if (key == "max_calls") {
            h.max_calls = number_of<std::uint32_t>(value);
        } else if (key == "stream_credit") {
            h.stream_credit = number_of<std::uint32_t>(value);
        } else if (key == "notify_credit") {
            h.notify_credit = number_of<std::uint32_t>(value);
        } else {
            throw std::runtime_error("no record of a HELLO: " + key);
        }
    }
}

void read_limits(const std::map<std::string, std::string>& records, test_vector& v) {
    for (const auto& [key, value] : records) {
        if (key == "max_frame") {
            v.limits.max_frame = number_of<std::size_t>(value);
        } else if (key == "max_message") {
            v.limits.max_skip = number_of<std::size_t>(value);
        } else if (key == "stream_credit") {
            v.stream_credit = number_of<std::uint32_t>(value);
        } else {
            throw std::runtime_error("no limit: " + key);
        }
    }
}

/// Parses lines about the whole vector; returns false if the line is none of them.
bool read_verdict_line(const std::vector<std::string>& words, test_vector& v) {
    const auto& keyword = words.front();
    if (keyword == "name") {
        v.name = words.at(1);
    } else if (keyword == "decode") {
        v.decode_only = true;
    } else if (keyword == "too_large") {
        v.too_large = true;
    } else if (keyword == "joined") {
        v.joined.push_back(text_of(words.at(1)));
    } else if (keyword == "limits") {
        read_limits(records_of(words, 1), v);
    } else if (keyword == "invalid") {
        v.invalid = {reason_of(words.at(1)), number_of<std::size_t>(words.at(3))};
    } else if (keyword == "foreign") {
        v.foreign = {errc::not_echosocket, number_of<std::size_t>(words.at(2))};
    } else if (keyword == "rejected") {
        v.rejected = reason_of(words.at(1));
    } else if (keyword == "oversized") {
        auto records = records_of(words, 2);
        v.oversized = {kind_of(words.at(1)), number_of<std::uint32_t>(records["id"]),
                       number_of<std::size_t>(records["size"])};
    } else {
        return false;
    }
    return true;
}

bool is_hex_line(const std::vector<std::string>& words) {
    return std::ranges::all_of(words, [](const std::string& word) {
        return word.size() == 2 && word.find_first_not_of("0123456789abcdef") == std::string::npos;
    });
}

void read_line(const std::vector<std::string>& words, test_vector& v) {
    if (is_hex_line(words)) {
        for (const auto& byte : words) {
            v.bytes += bytes_of_hex(byte);
            if (!v.frames.empty()) v.frames.back().bytes += bytes_of_hex(byte);
        }
    } else if (words.front() == "frame") {
        read_frame_line(words, v.frames.emplace_back());
    } else if (words.front() == "meta") {
        read_meta_line(words, v.frames.back());
    } else if (words.front() == "hello") {
        read_hello_line(words, v.frames.back());
    } else if (words.front() == "body") {
        v.frames.back().body = text_of(words.at(1));
    } else if (!read_verdict_line(words, v)) {
        throw std::runtime_error("a vector's line can't be understood: " + words.front());
    }
}

std::vector<test_vector> read_vectors() {
    std::istringstream document(read_source("docs/protocol.md"));
    std::vector<test_vector> vectors;
    bool inside = false;
    for (std::string line; std::getline(document, line);) {
        if (line == "```vector") {
            inside = true;
            vectors.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            read_line(words_of(line), vectors.back());
        }
    }
    return vectors;
}

}  // namespace

wire::meta described_frame::meta() const {
    wire::meta m = numbers;
    m.name = name;
    m.trace_id = trace_id;
    m.idempotency_key = idempotency_key;
    return m;
}

std::string described_frame::encoded() const {
    std::string out;
    if (hello) {
        wire::append_hello(out, *hello);
        return out;
    }
    std::string records(wire::meta_size(meta()), '\0');
    wire::write_meta(records.data(), meta());
    wire::append_frame(out, {.kind = kind, .flags = flags, .id = id, .meta = records, .body = body});
    return out;
}

const std::vector<test_vector>& protocol_vectors() {
    static const auto vectors = read_vectors();
    return vectors;
}

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (!hex.empty()) hex += ' ';
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

std::string read_source(std::string_view path) {
    const auto whole = std::string(ECHOSOCKET_SOURCE_DIR) + '/' + std::string(path);
    std::ifstream file(whole, std::ios::binary);
    if (!file) throw std::runtime_error("can't read " + whole);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace echosocket::test
