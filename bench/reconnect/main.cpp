// Many clients that reconnect: prints `connected` when all are connected, and a report when all have lost their
// connection and are connected again.
#include "arguments.hpp"
#include "cli/load/timing.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace echosocket;

class crowd {
public:
    crowd(asio::any_io_executor executor, std::size_t size)
        : executor_(std::move(executor)), attempts_(size), connections_(size) {}

    asio::awaitable<void> connect(std::string address) {
        for (std::size_t i = 0; i < attempts_.size(); ++i) {
            client_config config;
            config.reconnect.enabled = true;
            config.on_state = [this, i](client_state state, const failure&) { changed(i, state); };
            auto one = co_await client::connect(address, config);
            if (!one) throw usage_error(one.error().code, one.error().detail);
            clients_.push_back(std::move(*one));
        }
        std::puts("connected");
        std::fflush(stdout);
    }

    [[nodiscard]] int print() const {
        const auto mean = static_cast<double>(std::accumulate(attempts_.begin(), attempts_.end(), std::size_t{})) /
                          static_cast<double>(attempts_.size());
        std::printf(
            R"({"back":%zu,"lost_at":%.6f,"back_at":%.6f,"attempts_mean":%.3f,"attempts_most":%zu,"wrong":%zu})", back_,
            seconds(lost_at_), seconds(back_at_), mean, *std::ranges::max_element(attempts_), wrong_);
        return wrong_ == 0 ? 0 : 1;
    }

private:
    static double seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-9; }

    // All clients run on one thread, so no lock is needed.
    void changed(std::size_t number, client_state state) {
        if (state == client_state::connected) {
            if (++connections_[number] == 2 && ++back_ == clients_.size()) all_are_back();
        } else if (state == client_state::connecting && connections_[number] > 0) {
            if (lost_at_ == 0) lost_at_ = load::now_ns();
            ++attempts_[number];
        }
    }

    void all_are_back() {
        back_at_ = load::now_ns();
        asio::co_spawn(executor_, leave(), asio::detached);
    }

    asio::awaitable<void> leave() {
        const std::string body = "still there?";
        for (auto& one : clients_) {
            const auto reply = co_await one.call<std::string>("$ping", body);
            if (!reply || *reply != body) ++wrong_;
        }
        for (auto& one : clients_) co_await one.close();
    }

    asio::any_io_executor executor_;
    std::vector<client> clients_;
    std::vector<std::size_t> attempts_;     // since the first loss, per client
    std::vector<std::size_t> connections_;  // made, per client
    std::size_t back_ = 0;
    std::size_t wrong_ = 0;
    std::int64_t lost_at_ = 0;
    std::int64_t back_at_ = 0;
};

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    asio::io_context io(1);
    crowd all(io.get_executor(), given.number("connections", 1'000));
    asio::co_spawn(io, all.connect(given.text("address")), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    io.run();
    return all.print();
}
