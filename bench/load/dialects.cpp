#include "dialects.hpp"

#include <unistd.h>
#include <array>
#include <charconv>

namespace echosocket::bench {

namespace {

constexpr head broken{.kind = head_kind::broken};
constexpr std::size_t longest_line = 8192;
constexpr std::size_t line_end = 2;  // "\r\n"

/// A line without its end; empty if it is incomplete.
std::string_view first_line(std::string_view bytes) noexcept {
    const auto end = bytes.substr(0, longest_line).find("\r\n");
    return end == std::string_view::npos ? std::string_view{} : bytes.substr(0, end);
}

bool read_number(std::string_view digits, std::size_t& out) noexcept {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc{} && end == digits.data() + digits.size();
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

constexpr std::size_t connection_digits = 5;

void write_digits(char* to, std::uint32_t value) noexcept {
    for (std::size_t i = connection_digits; i > 0; --i, value /= 10) to[i - 1] = static_cast<char>('0' + value % 10);
}

}  // namespace

resp::resp(const load::options&, std::string_view payload)
    : request_head_("*2\r\n$4\r\nECHO\r\n$" + std::to_string(payload.size()) + "\r\n") {}

head resp::parse(std::string_view bytes) const noexcept {
    const auto line = first_line(bytes);
    if (line.empty()) return bytes.size() > longest_line ? broken : head{};
    const std::size_t size = line.size() + line_end;
    std::size_t body = 0;
    if (line[0] == '$' && read_number(line.substr(1), body))
        return {.kind = head_kind::answer, .size = size, .body = body + trailer.size()};
    if (line[0] == '-') return {.kind = head_kind::refusal, .size = size};
    return broken;
}

zmtp::zmtp(const load::options&, std::string_view payload) {
    greeting_.assign("\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL", 16);
    greeting_.resize(greeting_size);
    constexpr std::string_view ready(
        "\x05READY\x0bSocket-Type\0\0\0\x06"
        "DEALER",
        28);
    constexpr char short_command = 4;
    greeting_ += short_command;
    greeting_ += static_cast<char>(ready.size());
    greeting_ += ready;

    constexpr char short_message = 0;
    constexpr char long_message = 2;
    const bool is_short = payload.size() < 256;
    request_head_ += is_short ? short_message : long_message;
    append_big_endian(request_head_, payload.size(), is_short ? 1 : 8);
}

head zmtp::parse(std::string_view bytes) const noexcept {
    if (bytes.size() < 2) return {};
    const auto flags = static_cast<unsigned char>(bytes[0]);
    constexpr unsigned long_size = 2;
    constexpr unsigned command = 4;
    if (flags > (long_size | command)) return broken;
    const std::size_t size = (flags & long_size) != 0 ? 9 : 2;
    if (bytes.size() < size) return {};
    std::size_t body = 0;
    for (std::size_t i = 1; i < size; ++i) body = body << 8 | static_cast<unsigned char>(bytes[i]);
    return {.kind = (flags & command) != 0 ? head_kind::other : head_kind::answer, .size = size, .body = body};
}

nats::nats(const load::options&, std::string_view payload) : inbox_("_INBOX." + std::to_string(::getpid()) + ".") {
    request_head_ = "PUB echo " + inbox_;
    digits_at_ = request_head_.size();
    request_head_ += std::string(connection_digits, '0') + " " + std::to_string(payload.size()) + "\r\n";
}

std::string nats::greeting(std::uint32_t connection) const {
    std::string digits(connection_digits, '0');
    write_digits(digits.data(), connection);
    return "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\"}\r\nSUB " + inbox_ + digits + " 1\r\n";
}

void nats::number(char* request, std::uint32_t connection, std::uint32_t) const noexcept {
    write_digits(request + digits_at_, connection);
}

head nats::parse(std::string_view bytes) const noexcept {
    const auto line = first_line(bytes);
    if (line.empty()) return bytes.size() > longest_line ? broken : head{};
    const std::size_t size = line.size() + line_end;
    std::size_t body = 0;
    if (line.starts_with("MSG ") && read_number(line.substr(line.rfind(' ') + 1), body))
        return {.kind = head_kind::answer, .size = size, .body = body + trailer.size()};
    if (line.starts_with("-ERR")) return broken;
    return {.kind = head_kind::other, .size = size};
}

}  // namespace echosocket::bench
