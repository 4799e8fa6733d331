// Sends one message to many connections each time the control connection asks for it: with a group of EchoSocket's
// server, or with the minimum that does it, a loop of `send` over all sockets.
#include "arguments.hpp"
#include "serving.hpp"
#include "ticks.hpp"

#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace es = echosocket;

int serve_group(const std::string& body) {
    asio::io_context io(1);
    es::server server(io.get_executor(), {.name = "fanout", .max_connections = 20'000});
    const auto everybody = server.group("everybody");
    server.on_connect([&everybody](const es::peer& who) -> es::result<void> {
        if (who.name() == es::bench::control_name) return {};
        return everybody.join(who);
    });
    server.on_notify(es::bench::next_topic, [&everybody, &body] { everybody.notify(es::bench::tick_topic, body); });
    if (!server.listen()) return 2;
    es::bench::announce(server.port());
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
    return 0;
}

class send_loop {
public:
    explicit send_loop(std::string_view body)
        : tick_(es::bench::notification(es::bench::tick_topic, body)),
          next_size_(es::bench::notification(es::bench::next_topic, {}).size()),
          listener_(es::bench::listen_and_announce()) {
        ::fcntl(listener_, F_SETFL, 0);
    }

    /// The control connection is the last to connect in each run; the run ends with it.
    [[noreturn]] void run() {
        for (;;) {
            const int control = accept_all();
            serve(control);
            ::close(control);
            for (const int socket : sockets_) ::close(socket);
            sockets_.clear();
        }
    }

private:
    int accept_all() {
        for (;;) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) continue;
            es::bench::send_without_delay(socket);
            const auto name = es::bench::receive_hello(socket);
            if (name.empty() || !es::bench::send_hello(socket, "fanout")) {
                ::close(socket);
            } else if (name == es::bench::control_name) {
                return socket;
            } else {
                sockets_.push_back(socket);
            }
        }
    }

    void serve(int control) const {
        std::array<char, 4096> asked;
        std::size_t bytes = 0;
        for (;;) {
            const auto got = ::recv(control, asked.data(), asked.size(), 0);
            if (got <= 0) return;
            for (bytes += static_cast<std::size_t>(got); bytes >= next_size_; bytes -= next_size_) send_to_all();
        }
    }

    void send_to_all() const {
        for (const int socket : sockets_) es::bench::send_all(socket, tick_);
    }

    std::string tick_;
    std::size_t next_size_;
    int listener_;
    std::vector<int> sockets_;
};

}  // namespace

int main(int count, char** values) {
    const es::bench::arguments given(count, values);
    const std::string body(given.number("payload", 64), 'e');
    if (given.text("by", "group") == "group") return serve_group(body);
    send_loop(body).run();
}
