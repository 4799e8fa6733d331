// A server in a process of its own, so that a test can tell what it takes of the machine.
#pragma once

#include <echosocket/config.hpp>
#include <echosocket/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/types.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace echosocket::test {

/// Listens on loopback until the destructor ends it.
class forked_server {
public:
    forked_server(const server_config& config, const std::function<void(server&)>& add_tasks);
    forked_server(const forked_server&) = delete;
    forked_server& operator=(const forked_server&) = delete;
    ~forked_server();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] bool is_running() const;
    /// The most bytes of memory that it has had so far.
    [[nodiscard]] std::size_t peak_memory() const;

private:
    pid_t process_;
    std::uint16_t port_ = 0;
};

/// A client that only writes, raw bytes, until the server closes or takes no more for a second.
class raw_writer {
public:
    explicit raw_writer(std::uint16_t port);
    /// False once the server has closed, or takes no more.
    bool writes(const std::string& bytes);

private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
};

}  // namespace echosocket::test
