// Complete reads and writes over a transport, for tests that play the other end of a connection.
#pragma once

#include <echosocket/transport.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace echosocket::test {

/// Writes all of `bytes`. Throws `system_error` if that fails.
inline asio::awaitable<void> write_all(transport& to, std::string bytes) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const std::array buffers{asio::const_buffer(rest.data(), rest.size())};
        const auto moved = to.write_some(buffers);
        rest.remove_prefix(moved.bytes);
        if (moved.error == asio::error::would_block) {
            const auto error = co_await to.wait_writable();
            if (error) throw boost::system::system_error(error);
        } else if (moved.error) {
            throw boost::system::system_error(moved.error);
        }
    }
}

/// Reads exactly `count` bytes, or as many as come before the end. Throws `system_error` on any other error.
inline asio::awaitable<std::string> read_up_to(transport& from, std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
        std::array<char, 4096> block{};
        const auto moved = from.read_some(asio::buffer(block, count - bytes.size()));
        bytes.append(block.data(), moved.bytes);
        if (moved.error == asio::error::eof) break;
        if (moved.error == asio::error::would_block) {
            const auto error = co_await from.wait_readable();
            if (error) throw boost::system::system_error(error);
        } else if (moved.error) {
            throw boost::system::system_error(moved.error);
        }
    }
    co_return bytes;
}

/// Reads until the other end has written its last byte.
inline asio::awaitable<std::string> read_to_end(transport& from) {
    auto bytes = co_await read_up_to(from, SIZE_MAX);
    co_return bytes;
}

}  // namespace echosocket::test
