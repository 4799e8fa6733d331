#include "support/chaos_proxy.hpp"

#include "io/address.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <vector>

namespace echosocket::test {

namespace {

const auto told = asio::as_tuple(asio::deferred);

asio::ip::tcp::endpoint tcp_endpoint(const std::string& address) {
    const auto where = net::parse_address(address).value();
    return {asio::ip::make_address(where.host), where.port};
}

}  // namespace

chaos_proxy::chaos_proxy(const std::string& target, const manners& how)
    : how_(how), target_(tcp_endpoint(target)), acceptor_(io_, tcp_endpoint("127.0.0.1:0")), random_(how.seed) {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

chaos_proxy::~chaos_proxy() {
    io_.stop();
    thread_.join();
}

std::string chaos_proxy::address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

asio::awaitable<void> chaos_proxy::accept() {
    for (;;) {
        auto both = std::make_shared<line>(io_);
        const auto [failed] = co_await acceptor_.async_accept(both->client, told);
        if (!failed) asio::co_spawn(io_, begin(std::move(both)), asio::detached);
    }
}

asio::awaitable<void> chaos_proxy::begin(std::shared_ptr<line> both) {
    const auto [failed] = co_await both->server.async_connect(target_, told);
    if (failed) co_return;
    both->client.set_option(tcp::no_delay(true));
    both->server.set_option(tcp::no_delay(true));
    asio::co_spawn(io_, pass_on(both, both->client, both->server), asio::detached);
    asio::co_spawn(io_, pass_on(both, both->server, both->client), asio::detached);
}

asio::awaitable<void> chaos_proxy::pass_on(std::shared_ptr<line> both, tcp::socket& from, tcp::socket& to) {
    asio::steady_timer delay(io_);
    std::vector<char> fragment(how_.max_fragment);
    for (;;) {
        // Small ones are as likely as large ones.
        const auto room = 1 + draw(1 + draw(draw(how_.max_fragment) + 1));
        const auto [ended, size] = co_await from.async_read_some(asio::buffer(fragment.data(), room), told);
        if (ended) break;
        if (draw(8) == 0) {
            delay.expires_after(std::chrono::microseconds(draw(how_.max_delay)));
            co_await delay.async_wait(told);
        }
        if (draw(how_.cut_one_in) == 0) {
            cut(*both);
            co_return;
        }
        const auto [failed, written] = co_await asio::async_write(to, asio::buffer(fragment.data(), size), told);
        if (failed) break;
    }
    boost::system::error_code ignored;
    to.shutdown(tcp::socket::shutdown_send, ignored);
}

void chaos_proxy::cut(line& both) {
    ++cuts_;
    boost::system::error_code ignored;
    for (auto* end : {&both.client, &both.server}) {
        if (draw(2) == 0) end->set_option(asio::socket_base::linger(true, 0), ignored);
        end->close(ignored);
    }
}

}  // namespace echosocket::test
