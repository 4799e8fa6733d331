// Chat rooms. Each room is a group, which a client leaves automatically when its connection ends.
//
//     chat_server [ADDRESS]
#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = echosocket;

/// Data that this server attaches to each peer that has joined.
struct guest {
    std::string room;
};

es::result<std::vector<std::string>> join(es::server& server, const es::peer& who, const std::string& room) {
    if (room.empty() || who.data<guest>()) return es::failure{es::errc::bad_request, "name a room, once"};
    const auto members = server.group(room);
    if (auto joined = members.join(who); !joined) return joined.error();
    who.set_data(std::make_shared<guest>(guest{room}));
    members.notify_others(who, "joined", who.name());
    std::vector<std::string> names;
    for (const auto& each : members.members()) names.push_back(each.name());
    return names;
}

int main(int argc, char** argv) {
    asio::io_context io;
    es::server server{io.get_executor(), {.listen = {argc > 1 ? argv[1] : "127.0.0.1:8080"}}};
    server.on("join", [&](es::task_context& call, std::string room) { return join(server, call.peer(), room); });
    server.on_notify("say", [&](es::task_context& call, std::string text) {
        const auto who = call.peer();
        if (const auto known = who.data<guest>())
            server.group(known->room).notify_others(who, "said", who.name(), text);
    });
    server.on_disconnect([&](const es::peer& who, const es::failure&) {
        if (const auto known = who.data<guest>()) server.group(known->room).notify("left", who.name());
    });

    if (!server.listen()) return 1;
    std::cout << "listening on " << server.addresses().front() << std::endl;
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
}
