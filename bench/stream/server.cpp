// Sends items without end to each client that asks: from a task with a sink, or with the minimum, a loop of `send`.
#include "arguments.hpp"
#include "serving.hpp"

#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <string>

namespace {

namespace asio = boost::asio;
namespace es = echosocket;

asio::awaitable<void> send_items(es::sink<std::string>& out, std::size_t size) {
    const std::string item(size, 'e');
    for (;;) {
        const auto sent = co_await out.send(item);
        if (!sent) co_return;
    }
}

int serve_streams() {
    asio::io_context io(1);
    es::server server(io.get_executor(), {.name = "stream"});
    server.on("items", send_items);
    if (!server.listen()) return 2;
    es::bench::announce(server.port());
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
    return 0;
}

void send_until_closed(int socket) {
    std::size_t size = 0;
    if (::recv(socket, &size, sizeof size, MSG_WAITALL) != sizeof size) return;
    const std::string item(size, 'e');
    while (::send(socket, item.data(), item.size(), MSG_NOSIGNAL) > 0) continue;
}

[[noreturn]] void serve_copies() {
    const int listener = es::bench::listen_and_announce();
    ::fcntl(listener, F_SETFL, 0);
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        es::bench::send_without_delay(socket);
        send_until_closed(socket);
        ::close(socket);
    }
}

}  // namespace

int main(int count, char** values) {
    const es::bench::arguments given(count, values);
    if (given.text("by", "sink") == "sink") return serve_streams();
    serve_copies();
}
