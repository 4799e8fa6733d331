#include "support/crowd.hpp"

#include "io/address.hpp"
#include "io/listening_socket.hpp"
#include "io/resolve.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace echosocket::test {

namespace {

/// In the child of a process with several threads, so nothing here may take a lock or memory.
[[noreturn]] void hold_connections(const net::stream_endpoint& target, std::size_t count, std::string_view words,
                                   int ready) noexcept {
    const auto size = static_cast<socklen_t>(target.size());
    for (std::size_t i = 0; i != count; ++i) {
        const int socket = ::socket(target.protocol().family(), SOCK_STREAM, 0);
        if (socket < 0 || ::connect(socket, target.data(), size) != 0) ::_exit(1);
        for (auto left = words; !left.empty();) {
            const auto sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
            if (sent <= 0) ::_exit(1);
            left.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    if (::write(ready, "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
}

}  // namespace

crowd::crowd(const std::string& address, std::size_t count, const std::string& words) {
    const auto target = net::literal_endpoint(net::parse_address(address).value()).value();
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe for a crowd");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(pipe[0]);
        hold_connections(target, count, words, pipe[1]);
    }
    ::close(pipe[1]);
    char ready = 0;
    const bool came = pid_ > 0 && ::read(pipe[0], &ready, 1) == 1;
    ::close(pipe[0]);
    if (!came) {
        vanish();
        throw std::runtime_error("a crowd could not connect");
    }
}

crowd::~crowd() {
    vanish();
}

void crowd::vanish() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
}

}  // namespace echosocket::test
