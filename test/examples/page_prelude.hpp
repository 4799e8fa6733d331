// The includes and namespaces that code on a page of the documentation assumes.
#pragma once

#include <echosocket/echosocket.hpp>
#include <echosocket/testing.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/describe.hpp>

#include <iostream>
#include <mutex>
#include <numeric>
#include <optional>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;
