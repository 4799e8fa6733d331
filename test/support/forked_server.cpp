#include "support/forked_server.hpp"

#include "support/raw_frames.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>

namespace echosocket::test {

namespace {

namespace asio = boost::asio;

[[noreturn]] void serve(const server_config& config, const std::function<void(server&)>& add_tasks, int tell) {
    try {
        asio::io_context io(1);
        server service(io.get_executor(), config);
        add_tasks(service);
        if (!service.listen()) ::_exit(2);
        const auto port = service.port();
        if (::write(tell, &port, sizeof port) != sizeof port) ::_exit(3);
        auto life = service.run();
        asio::co_spawn(io, std::move(life), asio::detached);
        io.run();
    } catch (...) {
        ::_exit(4);
    }
    ::_exit(0);
}

}  // namespace

forked_server::forked_server(const server_config& config, const std::function<void(server&)>& add_tasks) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("no process");
    if (process_ == 0) {
        ::close(ends[0]);
        serve(config, add_tasks, ends[1]);
    }
    ::close(ends[1]);
    const bool listens = ::read(ends[0], &port_, sizeof port_) == sizeof port_;
    ::close(ends[0]);
    if (!listens) throw std::runtime_error("the server did not start");
}

forked_server::~forked_server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

bool forked_server::is_running() const {
    return ::waitpid(process_, nullptr, WNOHANG) == 0;
}

std::size_t forked_server::peak_memory() const {
    std::ifstream status("/proc/" + std::to_string(process_) + "/status");
    for (std::string key; status >> key;) {
        std::size_t kib = 0;
        if (key == "VmHWM:" && status >> kib) return kib * 1024;
    }
    throw std::runtime_error("the server is gone");
}

raw_writer::raw_writer(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    writes(raw::hello());
}

bool raw_writer::writes(const std::string& bytes) {
    for (std::size_t sent = 0; sent != bytes.size();) {
        const auto written = ::send(socket_.native_handle(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (written <= 0) return false;
        sent += static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace echosocket::test
