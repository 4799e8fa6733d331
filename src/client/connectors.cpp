#include "client/connectors.hpp"

#include "io/address.hpp"
#include "io/connector.hpp"

#include <echosocket/server.hpp>
#include <echosocket/testing.hpp>

#include <utility>

namespace echosocket {

namespace {

using transport_ptr = std::unique_ptr<transport>;
using config_ptr = std::shared_ptr<const client_config>;

asio::awaitable<result<transport_ptr>> dial_address(net::address where, config_ptr config) {
    auto io = co_await net::connect_to(where, *config->clock, config->connect_timeout);
    co_return io;
}

asio::awaitable<result<transport_ptr>> dial_server(server* target) {
    auto [near, far] = testing::memory_pipe();
    target->attach(std::move(far));
    co_return std::move(near);
}

}  // namespace

result<std::vector<dialer>> connectors_of(const std::vector<std::string>& addresses, config_ptr config) {
    std::vector<dialer> dialers;
    for (const auto& text : addresses) {
        const auto where = net::parse_address(text);
        if (!where) return where.error();
        dialers.emplace_back([where = *where, config] { return dial_address(where, config); });
    }
    if (dialers.empty()) return failure(errc::invalid_address, "the list of addresses is empty");
    return dialers;
}

std::vector<dialer> connectors_of(server& target) {
    std::vector<dialer> dialers;
    dialers.emplace_back([server = &target] { return dial_server(server); });
    return dialers;
}

}  // namespace echosocket
