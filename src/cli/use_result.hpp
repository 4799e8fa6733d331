// Operations of Asio whose error is a value, not an exception.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace echosocket::cli {

inline constexpr auto use_result = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace echosocket::cli
