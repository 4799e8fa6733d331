// EchoSocket under test: public headers only, with all limits, deadlines and counters at their defaults unless an
// argument changes them.
#include "arguments.hpp"
#include "serving.hpp"
#include "work.hpp"

#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

struct order {
    std::int64_t id = 0;
    std::string symbol;
    std::int64_t quantity = 0;
    std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, symbol, quantity, price))

struct confirmation {
    std::int64_t id = 0;
    std::int64_t total = 0;
    bool accepted = false;
};
BOOST_DESCRIBE_STRUCT(confirmation, (), (id, total, accepted))

asio::awaitable<std::string_view> echo_in_coroutine(std::string_view body) {
    co_return body;
}

asio::awaitable<std::string_view> wait_1ms(es::task_context& context, std::string_view body) {
    co_await context.sleep_for(1ms);
    co_return body;
}

void register_tasks(es::server& server, std::uint64_t iterations) {
    server.on("echo", [](std::string_view body) { return body; });
    server.on("size", [](std::string_view body) { return body.size(); });
    server.on("echo_coroutine", echo_in_coroutine);
    server.on("wait", wait_1ms);
    server.on("order", [](const order& asked) {
        return confirmation{asked.id, asked.quantity * asked.price, asked.symbol == "ECHO"};
    });
    server.on("work", [iterations](std::string_view body) {
        const auto outcome = es::bench::work(body.size(), iterations);
        return outcome == 0 ? std::string_view{} : body;
    });
}

}  // namespace

int main(int count, char** values) {
    const es::bench::arguments given(count, values);
    const auto threads = given.number("threads", 1);
    asio::io_context io(static_cast<int>(threads));
    es::server_config config{.name = "bench", .port = static_cast<std::uint16_t>(given.number("port", 0))};
    config.limits.max_message = given.number("max-message", config.limits.max_message);
    es::server server(io.get_executor(), config);
    register_tasks(server, given.number("work-iterations", 10'000));
    if (!server.listen()) return 2;
    es::bench::announce(server.port());
    asio::co_spawn(io, server.run(), asio::detached);
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&io] { io.run(); });
    io.run();
}
