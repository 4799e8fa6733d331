// An interactive chat client: sends each line that is typed and shows the others' messages as they come.
//
//     chat_client ADDRESS NAME ROOM
#include <echosocket/client.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>

#include <unistd.h>
#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace es = echosocket;

void show(const std::string& line) {
    std::cout << line << std::endl;
}

asio::awaitable<void> send_lines(es::client client, asio::io_context& io) {
    asio::posix::stream_descriptor input{io, ::dup(STDIN_FILENO)};
    std::string typed;
    for (;;) {
        auto [error, size] = co_await asio::async_read_until(input, asio::dynamic_buffer(typed), '\n',
                                                             asio::as_tuple(asio::use_awaitable));
        if (error) break;
        if (auto sent = client.notify("say", typed.substr(0, size - 1)); !sent) break;
        typed.erase(0, size);
    }
}

asio::awaitable<void> chat(asio::io_context& io, std::string address, std::string name, std::string room) {
    es::client_config config{.name = name};
    config.handlers.on_notify("joined", [](std::string who) { show(who + " has come"); });
    config.handlers.on_notify("left", [](std::string who) { show(who + " has gone"); });
    config.handlers.on_notify("said", [](std::string who, std::string text) { show(who + ": " + text); });
    auto client = co_await es::client::connect(address, config);
    if (!client) co_return show(client.error().message());
    auto members = co_await client->call<std::vector<std::string>>("join", room);
    if (!members) co_return show(members.error().message());
    show("in the room: " + std::to_string(members->size()));
    co_await send_lines(*client, io);
    co_await client->close();
}

int main(int argc, char** argv) {
    if (argc != 4) return 64;
    asio::io_context io;
    asio::co_spawn(io, chat(io, argv[1], argv[2], argv[3]), asio::detached);
    io.run();
}
