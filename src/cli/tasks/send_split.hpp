// Sends a piece of a file into a stream, whatever item size the other end accepts.
#pragma once

#include "cli/tasks/stored_file.hpp"

#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <utility>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Sends a piece whole; if it is larger than the other end accepts, in halves, recursively.
///
/// Errors: those of `sink::send`.
inline asio::awaitable<result<void>> send_split(const sink<file_piece>& to, file_piece piece) {
    auto sent = co_await to.send(piece);
    if (sent || sent.error().code != errc::message_too_large || piece.size() < 2) co_return sent;
    const auto half = piece.begin() + static_cast<std::ptrdiff_t>(piece.size() / 2);
    file_piece rest(half, piece.end());
    piece.erase(half, piece.end());
    auto first = co_await send_split(to, std::move(piece));
    if (!first) co_return first;
    auto second = co_await send_split(to, std::move(rest));
    co_return second;
}

}  // namespace echosocket::cli
