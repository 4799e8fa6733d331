// The messages between the two ends of the fan-out: the same bytes for all servers.
#pragma once

#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <sys/socket.h>
#include <cstring>
#include <string>
#include <string_view>

namespace echosocket::bench {

inline constexpr std::string_view tick_topic = "tick";
inline constexpr std::string_view next_topic = "next";       ///< Asks for one more tick to all receivers.
inline constexpr std::string_view control_name = "control";  ///< The connection that asks for ticks and receives none.

inline std::string notification(std::string_view topic, std::string_view body) {
    const wire::meta about{.name = topic};
    std::string meta(wire::meta_size(about), '\0');
    wire::write_meta(meta.data(), about);
    std::string bytes;
    wire::append_frame(bytes, {.kind = wire::frame_kind::notify, .meta = meta, .body = body});
    return bytes;
}

inline bool send_all(int socket, std::string_view bytes) {
    return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

inline bool send_hello(int socket, std::string_view name) {
    std::string bytes;
    wire::append_hello(bytes, {.name = std::string(name)});
    return send_all(socket, bytes);
}

/// The name in the other end's HELLO; empty if none came.
inline std::string receive_hello(int socket) {
    std::string bytes(wire::length_size, '\0');
    std::uint32_t length = 0;
    if (::recv(socket, bytes.data(), bytes.size(), MSG_WAITALL) != static_cast<ssize_t>(bytes.size())) return {};
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > wire::max_hello) return {};
    bytes.resize(wire::length_size + length);
    if (::recv(socket, bytes.data() + wire::length_size, length, MSG_WAITALL) != static_cast<ssize_t>(length))
        return {};
    wire::hello said;
    const auto check = wire::parse_hello(wire::parse_frame(bytes, {}).frame, said);
    return check.error == errc{} ? said.name : std::string();
}

}  // namespace echosocket::bench
