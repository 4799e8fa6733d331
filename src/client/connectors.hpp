// From addresses to dialers, which make the transports for a client.
#pragma once

#include <echosocket/client.hpp>

#include <memory>
#include <string>
#include <vector>

namespace echosocket {

/// Errors: `invalid_address`, also for an empty list.
[[nodiscard]] result<std::vector<dialer>> connectors_of(const std::vector<std::string>& addresses,
                                                        std::shared_ptr<const client_config> config);

/// A dialer to a server in this process, which must outlive it.
[[nodiscard]] std::vector<dialer> connectors_of(server& target);

/// What `connect` returns if there is nothing to connect to.
template <class Client>
[[nodiscard]] asio::awaitable<result<Client>> refuse(failure why) {
    co_return why;
}

}  // namespace echosocket
