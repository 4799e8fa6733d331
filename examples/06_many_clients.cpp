// A hundred clients at the same time over TCP, on a thread pool.
//
//     many_clients
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <iostream>

namespace asio = boost::asio;
namespace es = echosocket;

constexpr int clients = 100;
constexpr int calls_each = 20;
std::atomic<int> right{0};
std::atomic<int> clients_left{clients};

asio::awaitable<void> count_up(es::server& server) {
    auto client = co_await es::client::connect(server.addresses().front());
    if (client) {
        for (int n = 0; n < calls_each; ++n) {
            auto next = co_await client->call<int>("add", n, 1);
            if (next && *next == n + 1) ++right;
        }
        co_await client->close();
    } else {
        std::cerr << client.error().message() << '\n';
    }
    if (--clients_left == 0) server.stop();
}

int main() {
    asio::thread_pool threads{4};
    es::server server{threads.get_executor()};
    server.on("add", [](int a, int b) { return a + b; });
    if (!server.listen()) return 1;
    asio::co_spawn(threads, server.run(), asio::detached);
    for (int n = 0; n < clients; ++n) asio::co_spawn(asio::make_strand(threads), count_up(server), asio::detached);
    threads.join();
    std::cout << clients << " clients, " << right << " right replies of " << clients * calls_each << std::endl;
}
