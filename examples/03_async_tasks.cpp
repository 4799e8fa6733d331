// Tasks that suspend, and a task composed of two others. A suspended task does not block other calls.
//
//     async_tasks
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

asio::awaitable<std::string> prepare(es::task_context& call, std::string food, std::chrono::milliseconds time) {
    co_await call.sleep_for(time);  // suspends only this call; ends early if the caller cancels
    co_return food;
}

asio::awaitable<std::string> breakfast(es::task_context& call) {
    auto coffee = prepare(call, "coffee", 40ms);
    auto egg = prepare(call, "an egg", 60ms);
    auto [first, second] = co_await (std::move(coffee) && std::move(egg));  // both at once: 60 ms in all
    co_return first + " and " + second;
}

asio::awaitable<void> order(es::client guest, std::string task) {
    auto reply = co_await guest.call<std::string>(task);
    std::cout << task << ": " << (reply ? *reply : reply.error().message()) << std::endl;
}

asio::awaitable<void> visit(es::server& kitchen) {
    auto guest = co_await es::client::connect(kitchen);
    if (guest) {
        auto slow = order(*guest, "breakfast");
        auto quick = order(*guest, "menu");  // called last, answered first
        co_await (std::move(slow) && std::move(quick));
        co_await guest->close();
    }
    kitchen.stop();
}

int main() {
    asio::io_context io;
    es::server kitchen{io.get_executor()};
    kitchen.on("breakfast", breakfast);
    kitchen.on("menu", [] { return std::string{"breakfast, all day"}; });
    asio::co_spawn(io, kitchen.run(), asio::detached);
    asio::co_spawn(io, visit(kitchen), asio::detached);
    io.run();
}
