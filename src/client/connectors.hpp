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

}  // namespace echosocket
