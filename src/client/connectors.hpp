// How a client gets to the server that it was told of.
#pragma once

#include <echosocket/client.hpp>

#include <memory>
#include <string>
#include <vector>

namespace echosocket {

/// Errors: `invalid_address`, also where there is none.
[[nodiscard]] result<std::vector<dialer>> connectors_of(const std::vector<std::string>& addresses,
                                                        std::shared_ptr<const client_config> config);

/// To a server in this process, which outlives what it returns.
[[nodiscard]] std::vector<dialer> connectors_of(server& target);

/// What `connect` returns if there is nothing to connect to.
template <class Client>
[[nodiscard]] asio::awaitable<result<Client>> refuse(failure why) {
    co_return why;
}

}  // namespace echosocket
