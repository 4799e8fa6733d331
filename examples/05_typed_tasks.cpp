// Arguments and replies of the program's own types: a struct that is described once travels as JSON.
//
//     typed_tasks
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/describe.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = echosocket;

struct item {
    std::string name;
    int count = 1;
    double price = 0;
};
BOOST_DESCRIBE_STRUCT(item, (), (name, count, price))

struct invoice {
    std::string customer;
    double total = 0;
};
BOOST_DESCRIBE_STRUCT(invoice, (), (customer, total))

es::result<invoice> bill(std::string customer, std::vector<item> items) {
    if (items.empty()) return es::failure{es::errc::bad_request, "an invoice needs at least one item"};
    invoice made{customer};
    for (const auto& each : items) made.total += each.count * each.price;
    return made;
}

asio::awaitable<void> shop(es::server& server) {
    auto client = co_await es::client::connect(server);
    if (!client) co_return server.stop();
    std::vector<item> basket{{"tea", 2, 3.5}, {"cup", 1, 8}};
    auto made = co_await client->call<invoice>("bill", "Ada", basket);
    if (made) std::cout << made->customer << " pays " << made->total << '\n';
    auto wrong = co_await client->call<invoice>("bill", "Bob", 42);
    if (!wrong) std::cout << wrong.error().message() << '\n';
    co_await client->close();
    server.stop();
}

int main() {
    asio::io_context io;
    es::server server{io.get_executor()};
    server.on("bill", bill);
    asio::co_spawn(io, server.run(), asio::detached);
    asio::co_spawn(io, shop(server), asio::detached);
    io.run();
}
