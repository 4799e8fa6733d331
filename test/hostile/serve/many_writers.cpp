// One peer to which many write at once.
#include "support/checked_load.hpp"
#include "support/served_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstring>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

using namespace echosocket;
using namespace echosocket::test;

namespace {

constexpr std::size_t writers = 8;
/// Messages of one writer that may be under way: together less than the server queues for one peer.
constexpr std::uint64_t window = 8;
constexpr std::size_t max_message = 12'000;

/// Eight clients whose notifications a server with several threads passes on to one listener, which meanwhile calls
/// with bodies that go in pieces. All of it on one thread at this end.
class many_to_one {
public:
    many_to_one(asio::io_context& io, std::string address, std::uint64_t messages)
        : io_(io), address_(std::move(address)), messages_(messages) {
        for (auto& one : heard_) one.event.emplace(io, asio::steady_timer::time_point::max());
    }

    asio::awaitable<void> listen() {
        client_config config;
        config.name = "listener";
        config.handlers.on_any_notify([this](std::string_view body) { hear(body); });
        auto connected = co_await client::connect(address_, config);
        if (!connected) co_return complain("connect: " + connected.error().message());
        auto subscribed = co_await connected->subscribe("*");
        if (!subscribed) co_return complain("subscribe: " + subscribed.error().message());
        for (std::size_t i = 0; i != writers; ++i) {
            start(write(i));
            start(call(*connected, i));
        }
        const auto told = asio::as_tuple(asio::deferred);
        while (running_ != 0) co_await all_done_.async_wait(told);
        co_await connected->close();
    }
    [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }
    [[nodiscard]] std::uint64_t heard(std::size_t writer) const { return heard_[writer].count; }

private:
    struct from_one {
        std::uint64_t count = 0;
        std::optional<asio::steady_timer> event;
    };

    void start(asio::awaitable<void> what) {
        ++running_;
        asio::co_spawn(io_, std::move(what), [this](std::exception_ptr thrown) {
            if (thrown) complain("something has thrown");
            if (--running_ == 0) all_done_.cancel();
        });
    }

    void hear(std::string_view body) {
        std::uint64_t id = 0;
        if (body.size() >= sizeof(id)) std::memcpy(&id, body.data(), sizeof(id));
        const auto writer = static_cast<std::size_t>(id >> 32U);
        if (writer >= writers || !is_marked(body, id)) return complain("a message has been damaged");
        auto& from = heard_[writer];
        if (from.count != (id & UINT32_MAX))
            return complain("a message of writer " + std::to_string(writer) + " is lost");
        ++from.count;
        from.event->cancel();
    }

    asio::awaitable<void> write(std::size_t number) {
        client_config config;
        config.name = "writer " + std::to_string(number);
        auto connected = co_await client::connect(address_, config);
        if (!connected) co_return complain("connect: " + connected.error().message());
        std::mt19937_64 random(number);
        const auto& heard = heard_[number];
        const auto told = asio::as_tuple(asio::deferred);
        for (std::uint64_t sent = 0; wrong_.empty() && heard.count != messages_;) {
            while (sent != messages_ && sent - heard.count < window) {
                const auto body = marked_body((std::uint64_t{number} << 32U) + sent++, random() % max_message);
                const auto told_server = connected->notify("messages", body);
                if (!told_server) co_return complain("notify: " + told_server.error().message());
            }
            co_await heard_[number].event->async_wait(told);
        }
        co_await connected->close();
    }

    asio::awaitable<void> call(client server, std::size_t number) {
        for (std::uint64_t n = 0; wrong_.empty() && n != messages_ / 20; ++n) {
            const auto id = (std::uint64_t{number} << 32U) + n;
            const auto body = marked_body(id, n % 4 == 0 ? 1'200'000 : 1000);
            auto reply = co_await server.call<std::string>("echo", body);
            if (!reply) co_return complain("echo: " + reply.error().message());
            if (!is_marked(*reply, id)) co_return complain("a reply has been damaged");
        }
    }

    void complain(std::string what) {
        if (wrong_.empty()) wrong_ = std::move(what);
        for (auto& one : heard_) one.event->cancel();
    }

    asio::io_context& io_;
    std::string address_;
    std::uint64_t messages_;
    std::array<from_one, writers> heard_;
    std::size_t running_ = 0;
    asio::steady_timer all_done_{io_, asio::steady_timer::time_point::max()};
    std::string wrong_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(many_writers)

BOOST_FIXTURE_TEST_CASE(what_eight_write_to_one_peer_arrives_whole_and_in_each_ones_order, served_fixture) {
    serve({"--threads", "4"});
    const auto messages = amount(600, 40'000);
    asio::io_context io;
    many_to_one traffic(io, address(), messages);
    std::exception_ptr thrown;
    asio::co_spawn(io, traffic.listen(), [&](std::exception_ptr e) { thrown = e; });
    io.run();
    if (thrown) std::rethrow_exception(thrown);
    BOOST_TEST(traffic.wrong() == "");
    for (std::size_t i = 0; i != writers; ++i) BOOST_TEST(traffic.heard(i) == messages);
    expect_recovery();
}

BOOST_AUTO_TEST_SUITE_END()
