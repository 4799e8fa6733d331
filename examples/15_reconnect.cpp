// A client that reconnects, and a call that takes effect once although it is sent twice.
//
//     reconnect
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

int orders = 0;

asio::awaitable<int> order(es::task_context& call, std::string what) {
    std::cout << "the kitchen prepares " << what << std::endl;
    call.peer().close();             // simulates a broken cable in the middle of the call
    co_await call.sleep_for(100ms);  // not cancelled: a call with a key goes on when its connection is lost
    co_return ++orders;
}

void show(es::client_state state, const es::failure& why) {
    if (state == es::client_state::connected) std::cout << "connected" << std::endl;
    if (state == es::client_state::waiting) std::cout << "lost: " << name_of(why.code) << std::endl;
}

asio::awaitable<void> eat(es::server& kitchen) {
    es::client_config config{.name = "guest"};
    config.reconnect.enabled = true;
    config.on_state = show;
    auto guest = co_await es::client::connect(kitchen.addresses().front(), config);
    if (guest) {
        const auto options = es::once();  // a random key, by which the kitchen recognizes the same order
        auto number = co_await guest->call<int>(options, "order", "soup");
        std::cout << "order " << (number ? std::to_string(*number) : number.error().message()) << " is served\n";
        co_await guest->close();
    }
    kitchen.stop();
}

int main() {
    asio::io_context io;
    es::server kitchen{io.get_executor()};
    kitchen.on("order", order);
    if (!kitchen.listen()) return 1;
    asio::co_spawn(io, kitchen.run(), asio::detached);
    asio::co_spawn(io, eat(kitchen), asio::detached);
    io.run();
    std::cout << orders << " order was made" << std::endl;
}
