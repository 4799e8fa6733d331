// A server that calls its clients: the task `average` asks every room for its temperature, including the caller's.
//
//     server_calls_client
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

asio::awaitable<es::result<double>> average(es::server& house, es::task_context& call) {
    const auto options = es::within(call);  // the rooms get the rest of this call's time
    double sum = 0;
    int answers = 0;
    auto rooms = co_await house.peers();
    for (const auto& room : rooms) {
        auto degrees = co_await room.call<double>(options, "temperature");
        std::cout << room.name() << ": " << (degrees ? std::to_string(*degrees) : degrees.error().message()) << '\n';
        if (!degrees) continue;
        sum += *degrees;
        ++answers;
    }
    if (answers == 0) co_return es::failure{es::errc::task_failed, "no room has a thermometer"};
    co_return sum / answers;
}

asio::awaitable<es::result<es::client>> open_room(es::server& house, std::string name, double degrees) {
    es::client_config config{.name = name};
    config.handlers.on("temperature", [degrees] { return degrees; });
    return es::client::connect(house, config);
}

asio::awaitable<void> live(es::server& house) {
    auto kitchen = co_await open_room(house, "kitchen", 22.5);
    auto cellar = co_await open_room(house, "cellar", 12);
    es::client_config config{.name = "attic"};  // has no thermometer
    auto attic = co_await es::client::connect(house, config);
    if (kitchen && cellar && attic) {
        auto answer = co_await kitchen->call<double>("average");
        std::cout << "average: " << (answer ? std::to_string(*answer) : answer.error().message()) << '\n';
    }
    house.stop();
}

int main() {
    asio::io_context io;
    es::server house{io.get_executor()};
    house.on("average", [&house](es::task_context& call) { return average(house, call); });
    asio::co_spawn(io, house.run(), asio::detached);
    asio::co_spawn(io, live(house), asio::detached);
    io.run();
}
