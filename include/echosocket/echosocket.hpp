// All of EchoSocket except its test helpers (echosocket/testing.hpp).
#pragma once

#include <echosocket/client.hpp>
#include <echosocket/client_pool.hpp>
#include <echosocket/server.hpp>
