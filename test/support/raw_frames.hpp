// Frames as bytes, for tests that write them by hand, including frames that no correct end would send.
#pragma once

#include "wire/frame.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace echosocket::test::raw {

using wire::frame_kind;

inline constexpr std::uint8_t more = wire::flag_more;
inline constexpr std::uint8_t ignorable = wire::flag_ignorable;

/// Fields that are not set are omitted; `length` and `meta_size` are wrong if they are set.
struct frame {
    frame_kind kind = frame_kind::ping;
    std::uint8_t flags = 0;
    std::uint32_t id = 0;
    std::string meta{};
    std::string body{};
};

[[nodiscard]] std::string bytes_of(const frame& f);
/// A header that declares `length` bytes after the length field, and nothing after the header.
[[nodiscard]] std::string header(std::uint32_t length, frame_kind kind, std::uint32_t id, std::uint16_t meta_size = 0,
                                 std::uint8_t flags = 0);
[[nodiscard]] std::string meta(const wire::meta& records);

[[nodiscard]] std::string hello(const wire::hello& h = {.name = "raw peer"});
[[nodiscard]] std::string request(std::uint32_t id, std::string_view task, std::string_view body = {},
                                  std::uint8_t flags = 0);
/// A further piece of a split REQUEST's body; the last one has no `more`.
[[nodiscard]] std::string piece(std::uint32_t id, std::string_view body, std::uint8_t flags = 0);
[[nodiscard]] std::string response(std::uint32_t id, std::string_view body, std::uint8_t flags = 0);
[[nodiscard]] std::string error(std::uint32_t id, errc code, std::string_view text = {});
[[nodiscard]] std::string cancel(std::uint32_t id);
/// `streams` are the protocol's bits: 1 if the caller sends items, 2 if the caller takes items.
[[nodiscard]] std::string stream_request(std::uint32_t id, std::string_view task, std::uint8_t streams,
                                         std::string_view body = {});
[[nodiscard]] std::string item(std::uint32_t id, std::string_view body);
[[nodiscard]] std::string end(std::uint32_t id);
[[nodiscard]] std::string end(std::uint32_t id, errc code, std::string_view text = {});
[[nodiscard]] std::string credit(std::uint32_t id, std::uint32_t bytes);
[[nodiscard]] std::string ping(std::string_view body = {});
[[nodiscard]] std::string goaway(std::uint32_t last_call);

}  // namespace echosocket::test::raw
