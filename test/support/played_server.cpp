#include "support/played_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace echosocket::test {

played_server::played_server(answers answer)
    : answer_(std::move(answer)),
      listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      end_(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listening_, any, size) != 0 || ::listen(listening_, 16) != 0 ||
        ::getsockname(listening_, any, &size) != 0)
        throw std::runtime_error("no port to listen on");
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
}

played_server::~played_server() {
    const std::uint64_t once = 1;
    (void)!::write(end_, &once, sizeof once);
    thread_.join();
    for (const auto& open : connections_) ::close(open.descriptor);
    ::close(listening_);
    ::close(end_);
}

void played_server::serve() {
    for (;;) {
        std::vector<pollfd> watched{{end_, POLLIN, 0}, {listening_, POLLIN, 0}};
        for (const auto& open : connections_) watched.push_back({open.descriptor, POLLIN, 0});
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) return;
        std::vector<connection> still;
        for (std::size_t i = 2; i != watched.size(); ++i) {
            auto& open = connections_[i - 2];
            if (watched[i].revents == 0 || read(open)) {
                still.push_back(std::move(open));
            } else {
                ::close(open.descriptor);
            }
        }
        if (watched[1].revents != 0)
            if (const int fresh = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC); fresh >= 0)
                still.push_back({fresh, {}});
        connections_ = std::move(still);
    }
}

bool played_server::read(connection& from) const {
    std::array<char, 64 * 1024> chunk;
    const auto got = ::recv(from.descriptor, chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    from.received.append(chunk.data(), static_cast<std::size_t>(got));
    for (;;) {
        const auto head = wire::parse_frame(from.received, wire::frame_limits{});
        if (head.status == wire::parse_status::incomplete) return true;
        if (head.status != wire::parse_status::complete) return false;
        const auto reply = answer_(head.frame);
        from.received.erase(0, head.size);
        if (!reply.empty() && ::send(from.descriptor, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return false;
    }
}

}  // namespace echosocket::test
