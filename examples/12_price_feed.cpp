// A live price feed: a screen that falls behind gets only the latest price of each share.
//
//     price_feed
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <map>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

constexpr int changes = 50'000;
const std::string shares[] = {"ABC", "XYZ"};
std::map<std::string, int> shown;

asio::awaitable<void> close_market(es::server& exchange) {
    const auto stats = co_await exchange.stats();
    for (const auto& [share, price] : shown) std::cout << share << " closes at " << price << '\n';
    std::cout << 2 * changes << " prices, " << (stats.dropped > changes ? "most" : "few")
              << " gave way to later ones\n";
    exchange.stop();
}

asio::awaitable<void> trade(es::server& exchange) {
    es::client_config config{.name = "screen"};
    config.handlers.on_notify("price", [](std::string share, int price) { shown[share] = price; });
    config.handlers.on_notify("bell", [&exchange] { return close_market(exchange); });
    auto screen = co_await es::client::connect(exchange, config);
    if (!screen) co_return exchange.stop();
    auto subscribed = co_await screen->subscribe("price");
    if (!subscribed) co_return exchange.stop();

    for (int price = 1; price <= changes; ++price)  // the screen cannot read before this loop is over
        for (const auto& share : shares) exchange.publish(es::keyed(share), "price", share, price);
    exchange.broadcast("bell");
    (void)co_await screen->closed();
}

int main() {
    asio::io_context io;
    es::server_config config{.name = "Exchange"};
    config.may_subscribe = [](const es::peer&, std::string_view topic) -> es::result<void> {
        if (topic != "price") return es::failure{es::errc::not_allowed, "there are prices only"};
        return {};
    };
    es::server exchange{io.get_executor(), config};
    exchange.topic("price", {.policy = es::overflow::keep_latest});
    asio::co_spawn(io, exchange.run(), asio::detached);
    asio::co_spawn(io, trade(exchange), asio::detached);
    io.run();
}
