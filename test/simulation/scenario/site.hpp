// A place where a server runs, stops, and is started anew.
#pragma once

#include "simulation/scenario/world.hpp"

#include <echosocket/server.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace echosocket::simulated {

/// Groups that clients join and leave by calls, and topics that they subscribe to. All members of `lobby` joined when
/// they connected.
inline constexpr std::array<const char*, 2> room_names{"room 0", "room 1"};
inline constexpr std::array<const char*, 2> topic_names{"topic 0", "topic 1"};
inline constexpr const char* lobby_name = "lobby";

class site {
public:
    site(world& in, std::size_t number);

    /// Serves, stops, and serves again, until the world is over.
    [[nodiscard]] asio::awaitable<void> live();
    /// Whose turn it is to accept connections; nullptr while nobody does.
    [[nodiscard]] echosocket::server* server() const noexcept { return running_ ? &running_->server : nullptr; }
    /// Once all is quiet: those who are connected have got everything.
    [[nodiscard]] asio::awaitable<void> check_members();

    /// One server's life.
    struct term {
        term(world& in, std::uint64_t number_of_all, const server_config& config)
            : number(number_of_all), server(in.sim.executor(), config) {}

        [[nodiscard]] connection_name name_of(const peer& who) const { return {number, who.id()}; }

        const std::uint64_t number;
        echosocket::server server;
        std::map<std::string, std::uint64_t> last_told;     ///< By topic.
        std::map<std::uint64_t, std::uint64_t> last_heard;  ///< By peer: of its own notifications.
        bool is_stopping = false;
    };
    using term_ptr = std::shared_ptr<term>;

private:
    [[nodiscard]] server_config draw_config();
    [[nodiscard]] result<void> admit_subscriber(const peer& who, const std::string& topic);
    [[nodiscard]] asio::awaitable<void> stop_in_time(term_ptr of);
    [[nodiscard]] asio::awaitable<void> run(term_ptr of);

    world& in_;
    const std::string name_;
    term_ptr running_;
};

}  // namespace echosocket::simulated
