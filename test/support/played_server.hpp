// A server that the test plays, on a port of this machine, for programs that connect to it.
//
//     const played_server server([](const wire::frame& f) {
//         return f.kind == raw::frame_kind::hello ? raw::hello() : raw::error(f.id, errc::overloaded, "\x1b[2J");
//     });
//     const auto reply = testing::run({"call", server.address(), "echo"});
#pragma once

#include "support/raw_frames.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace echosocket::test {

class played_server {
public:
    /// The bytes to be sent for a frame that has come; called on the server's thread.
    using answers = std::function<std::string(const wire::frame& f)>;

    explicit played_server(answers answer);
    played_server(const played_server&) = delete;
    played_server& operator=(const played_server&) = delete;
    ~played_server();

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    struct connection {
        int descriptor;
        std::string received;
    };

    void serve();
    /// Returns false if the connection has ended.
    bool read(connection& from) const;

    answers answer_;
    int listening_ = -1;
    int end_ = -1;  // readable once the server is to end
    int port_ = 0;
    std::vector<connection> connections_;
    std::jthread thread_;
};

}  // namespace echosocket::test
