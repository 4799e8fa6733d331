// A vote: all members of a group are asked at once, the first three answers decide, the other calls are cancelled.
//
//     ask_the_room
#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

asio::awaitable<bool> think(es::task_context& call, std::chrono::milliseconds time, bool opinion) {
    co_await call.sleep_for(time);  // ends early if the answer is no longer needed
    co_return opinion;
}

asio::awaitable<void> vote(es::group room) {
    es::ask_options options{.timeout = 30s, .quorum = 3};
    auto answers = room.ask<bool>(options, "vote", "Shall we have lunch?");
    int yes = 0;
    int no = 0;
    for (;;) {
        auto answer = co_await answers.next();
        if (!answer) break;
        if (!answer->reply) continue;  // this one failed or left: the others decide
        std::cout << answer->from.name() << ": " << (*answer->reply ? "yes" : "no") << '\n';
        ++(*answer->reply ? yes : no);
    }
    std::cout << yes << " to " << no << " of " << room.size() << " members\n";
}

asio::awaitable<es::result<es::client>> enter(es::server& server, std::string name, std::chrono::milliseconds time,
                                              bool opinion) {
    es::client_config config{.name = name};
    config.handlers.on("vote", [=](es::task_context& call, std::string) { return think(call, time, opinion); });
    return es::client::connect(server, config);
}

asio::awaitable<void> meet(es::server& server) {
    auto ada = co_await enter(server, "Ada", 0ms, true);
    auto bob = co_await enter(server, "Bob", 10ms, false);
    auto cyd = co_await enter(server, "Cyd", 20ms, true);
    auto dan = co_await enter(server, "Dan", 1h, false);
    co_await vote(server.group("room"));
    server.stop();
}

int main() {
    asio::io_context io;
    es::server server{io.get_executor()};
    server.on_connect([&](const es::peer& who) { return server.group("room").join(who); });
    asio::co_spawn(io, server.run(), asio::detached);
    asio::co_spawn(io, meet(server), asio::detached);
    io.run();
}
