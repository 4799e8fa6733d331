// Receives the items of one stream for a while and prints the rate: from a source, or with a loop of `recv`.
#include "arguments.hpp"
#include "cli/load/sockets.hpp"
#include "cli/load/timing.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace echosocket;

/// Counts bytes in a time span; reads the clock once per 64 KiB.
class byte_log {
public:
    explicit byte_log(const bench::arguments& given)
        : item_(given.number("payload", 64)),
          measured_from_(load::now_ns() + milliseconds(given.number("warm-up", 100))),
          until_(measured_from_ + milliseconds(given.number("duration", 1'000))) {}

    [[nodiscard]] std::size_t item() const noexcept { return item_; }
    [[nodiscard]] bool over() const noexcept { return took_ > 0; }

    void add(std::size_t bytes) noexcept {
        bytes_ += bytes;
        if (bytes_ < next_look_) return;
        next_look_ = bytes_ + 64 * 1024;
        const auto now = load::now_ns();
        if (began_ == 0 && now >= measured_from_) {
            began_ = now;
            before_ = bytes_;
            used_ = load::cpu_seconds();
        } else if (now >= until_) {
            took_ = static_cast<double>(now - began_) * 1e-9;
            bytes_ -= before_;
            used_ = load::cpu_seconds() - used_;
        }
    }

    int print() const {
        if (!over()) return 1;
        const auto items = static_cast<double>(bytes_) / static_cast<double>(item_);
        std::printf(R"({"rate":%.1f,"mib_per_second":%.1f,"cpu":%.3f})", items / took_,
                    static_cast<double>(bytes_) / took_ / (1024 * 1024), used_ / took_);
        return 0;
    }

private:
    static std::int64_t milliseconds(std::size_t count) { return static_cast<std::int64_t>(count) * 1'000'000; }

    std::size_t item_;
    std::int64_t measured_from_;
    std::int64_t until_;
    std::int64_t began_ = 0;
    std::size_t bytes_ = 0;
    std::size_t before_ = 0;
    std::size_t next_look_ = 0;
    double used_ = 0;
    double took_ = 0;
};

asio::awaitable<void> take_items(std::string address, std::size_t credit, byte_log& log) {
    client_config config;
    if (credit > 0) config.limits.stream_credit = static_cast<std::uint32_t>(credit);
    auto server = co_await client::connect(address, config);
    if (!server) co_return;
    {
        const auto call = server->open<void, void, std::string>("items", log.item());
        const auto in = call.in();
        while (!log.over()) {
            const auto item = co_await in.next();
            if (!item || !*item || (*item)->size() != log.item()) break;
            log.add(log.item());
        }
    }
    co_await server->close();
}

void take_bytes(const std::string& address, byte_log& log) {
    const auto target = load::resolve(address);
    if (!target) return;
    const auto socket = load::connect_to(*target);
    const std::size_t size = log.item();
    if (!socket || ::send(socket->get(), &size, sizeof size, 0) != sizeof size) return;
    std::string buffer(std::max<std::size_t>(size, 64 * 1024), '\0');
    while (!log.over()) {
        const auto got = ::recv(socket->get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        log.add(static_cast<std::size_t>(got));
    }
}

}  // namespace

int main(int count, char** values) {
    const bench::arguments given(count, values);
    byte_log log(given);
    if (given.text("by", "source") == "source") {
        asio::io_context io(1);
        asio::co_spawn(io, take_items(given.text("address"), given.number("credit", 0), log), asio::detached);
        io.run();
    } else {
        take_bytes(given.text("address"), log);
    }
    return log.print();
}
