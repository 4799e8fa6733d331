// A client, and what it does at the servers.
#pragma once

#include "simulation/scenario/world.hpp"

#include <echosocket/client.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket::simulated {

class guest {
public:
    guest(world& in, std::size_t number);

    /// Connects, then goes on errands, several at once.
    [[nodiscard]] asio::awaitable<void> visit();
    /// Closes for good, and waits until nothing is left of it.
    [[nodiscard]] asio::awaitable<void> leave();

    // For errands.
    [[nodiscard]] const client& current() const noexcept { return client_; }
    /// Closes, and comes back as another client.
    [[nodiscard]] asio::awaitable<void> come_anew();
    /// Tells the server its next number.
    void tell_number();
    /// A call with a key of its own, or an earlier one once more.
    struct booking {
        std::string key;
        int time;  ///< ms until it takes effect.
    };
    [[nodiscard]] booking draw_booking();

private:
    /// What one client knows of its connections.
    struct identity {
        std::map<std::uint64_t, connection_name> connections;  ///< By the number that the client gives them.
        std::uint64_t last_told = 0;
    };
    using identity_ptr = std::shared_ptr<identity>;

    [[nodiscard]] asio::awaitable<void> connect();
    [[nodiscard]] client_config draw_config(const identity_ptr& who);
    void add_listeners(handlers& of, const identity_ptr& who);
    void received(const identity& who, std::uint64_t connection, const std::string& topic, std::uint64_t server,
                  std::uint64_t number);
    [[nodiscard]] std::vector<dialer> dialers() const;

    world& in_;
    const std::string name_;
    std::vector<std::pair<testing::link, std::size_t>> ways_;  ///< Each with the site that it leads to.
    client client_;
    identity_ptr identity_;
    bool connecting_ = false;
    std::uint64_t bookings_ = 0;
};

}  // namespace echosocket::simulated
