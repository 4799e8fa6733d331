#include "cli/standard_input.hpp"

#include "cli/output.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace echosocket::cli {

int open_input_watch(int input) {
    const int watch = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    if (watch >= 0 && ::epoll_ctl(watch, EPOLL_CTL_ADD, input, &wanted) == 0) return watch;
    if (watch >= 0) ::close(watch);
    return -1;
}

input_watch::input_watch(const asio::any_io_executor& executor, int input) : watch_(executor) {
    if (const int watch = open_input_watch(input); watch >= 0) watch_.assign(watch);
}

asio::awaitable<void> input_watch::readable() {
    if (!watch_.is_open()) co_return;
    co_await watch_.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
}

std::optional<std::string> read_standard_input() {
    std::string data;
    std::vector<char> chunk(64 * 1024);
    for (;;) {
        const auto bytes = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (bytes == 0) return data;
        if (bytes > 0) data.append(chunk.data(), static_cast<std::size_t>(bytes));
        if (bytes < 0 && errno != EINTR) break;
    }
    complain(std::string("standard input can't be read: ") + std::strerror(errno));
    return std::nullopt;
}

}  // namespace echosocket::cli
