// Starts calls on a connection.
#pragma once

#include "connection/connection_context.hpp"

#include <echosocket/call_options.hpp>
#include <echosocket/codec.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace echosocket {

/// Cancellation: terminal, partial, total; the call ends here and at the other end.
[[nodiscard]] asio::awaitable<result<raw_reply>> start_call(std::shared_ptr<net::connection_context> connection,
                                                            std::string_view task, encoded_body&& body,
                                                            const call_options& options);

/// Never nullptr: without a connection (nullptr) it is a call that has failed.
[[nodiscard]] std::shared_ptr<detail::stream_end> open_stream(std::shared_ptr<net::connection_context> connection,
                                                              std::string_view task, encoded_body&& body,
                                                              std::uint8_t streams, const call_options& options);

}  // namespace echosocket
