// A bad line between clients and a server.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>

namespace echosocket::test {

namespace asio = boost::asio;

/// Passes each connection on to a TCP address in fragments, with delays, and cuts some of them off in the midst, with a
/// reset or in order. It changes no byte.
///
/// Thread safety: its members belong to the thread that made it; it works in one of its own.
class chaos_proxy {
public:
    struct manners {
        std::size_t max_fragment = 16 * 1024;  ///< Bytes.
        unsigned max_delay = 1000;             ///< us before a fragment, now and then.
        unsigned cut_one_in = 400;             ///< Fragments.
        std::uint64_t seed = 1;
    };

    chaos_proxy(const std::string& target, const manners& how);
    chaos_proxy(const chaos_proxy&) = delete;
    chaos_proxy& operator=(const chaos_proxy&) = delete;
    ~chaos_proxy();

    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::uint64_t cuts() const noexcept { return cuts_; }

private:
    using tcp = asio::ip::tcp;
    struct line {
        explicit line(asio::io_context& io) : client(io), server(io) {}
        tcp::socket client;
        tcp::socket server;
    };

    [[nodiscard]] asio::awaitable<void> accept();
    [[nodiscard]] asio::awaitable<void> begin(std::shared_ptr<line> both);
    [[nodiscard]] asio::awaitable<void> pass_on(std::shared_ptr<line> both, tcp::socket& from, tcp::socket& to);
    void cut(line& both);
    /// Below `bound`.
    [[nodiscard]] std::size_t draw(std::size_t bound) { return random_() % bound; }

    manners how_;
    asio::io_context io_;
    tcp::endpoint target_;
    tcp::acceptor acceptor_;
    std::mt19937_64 random_;  // of the thread
    std::atomic<std::uint64_t> cuts_ = 0;
    std::thread thread_;
};

}  // namespace echosocket::test
