// A file sent as a stream to the server and back, in constant memory, with progress and a checksum.
//
//     file_transfer FILE        makes FILE.stored and FILE.back
#include "14_file_transfer.hpp"

#include <echosocket/echosocket.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

void show(std::string_view what, const checksum& ours, const checksum& theirs) {
    if (!ours || !theirs) {
        std::cout << what << " failed: " << (ours ? theirs : ours).error().message() << '\n';
    } else {
        std::cout << what << ", checksum " << *ours << (*ours == *theirs ? " at both ends\n" : " is wrong\n");
    }
}

asio::awaitable<void> upload(const es::client& client, std::string path) {
    auto call = client.open<std::uint32_t, std::string, void>("put");  // its result, what we send, what we receive
    auto sent = co_await send_file(call.out(), path);
    auto stored = co_await call.reply();
    show("sent", sent, stored);
}

asio::awaitable<void> download(const es::client& client, std::string path) {
    auto call = client.open<std::uint32_t, void, std::string>("get");
    auto received = co_await receive_file(call.in(), path);
    auto sent = co_await call.reply();
    show("received", received, sent);
}

asio::awaitable<void> transfer(es::server& server, std::string file) {
    auto client = co_await es::client::connect(server.addresses().front());
    if (client) {
        co_await upload(*client, file);
        co_await download(*client, file + ".back");
        co_await client->close();
    }
    server.stop();
}

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    const std::string file = argv[1];
    asio::io_context io;
    es::server server{io.get_executor()};
    server.on("put", [&](es::source<std::string>& in) { return receive_file(in, file + ".stored"); });
    server.on("get", [&](es::sink<std::string>& out) { return send_file(out, file + ".stored"); });
    if (!server.listen()) return 1;
    asio::co_spawn(io, server.run(), asio::detached);
    asio::co_spawn(io, transfer(server, file), asio::detached);
    io.run();
}
