// Calls that GCC 12 would compile to a double free. Each line that ends in `refused` has to be refused there, with the
// sentence of detail/safe_in_co_await.hpp; other compilers have to take the file as it is. Types and literals differ
// from line to line, because a compiler tells of each combination once.
#include <echosocket/echosocket.hpp>

#include <boost/asio/thread_pool.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

template <int>
struct item {
    std::string name;
    int pieces = 0;
    BOOST_DESCRIBE_CLASS(item, (), (name, pieces), (), ())
};

asio::awaitable<void> arguments(es::client c, es::client_pool pool, es::peer p) {
    (void)co_await c.call<int>("count", item<0>{"a name that is long", 2});                             // refused
    (void)co_await c.call<int>("count", item<1>{.name = "a name that is long", .pieces = 2});           // refused
    (void)co_await c.call("count", item<2>{});                                                          // refused
    (void)co_await c.call<int>(es::with_timeout(1s), "count", 1, item<3>{"a name that is long", 2});    // refused
    (void)co_await c.call<int>({.timeout = 1s}, "count", item<4>{"a name that is long", 2}, "a text");  // refused
    (void)co_await p.call<int>("count", item<5>{"a name that is long", 2});                             // refused
    (void)co_await pool.call<int>("count", item<6>{"a name that is long", 2});                          // refused
    (void)co_await c.call<int>("count", std::optional(item<7>{"a name that is long", 2}));              // refused
    (void)co_await c.call<int>("count", std::pair(1, item<8>{"a name that is long", 2}));               // refused
    (void)co_await c.call<int>("count", std::tuple(1, item<9>{"a name that is long", 2}, 3));           // refused
    (void)co_await c.call<int>("count", std::array<std::string, 2>{"a name that is long", "another"});  // refused
}

asio::awaitable<void> configs(es::server& server, std::string address, std::vector<es::dialer> dialers) {
    (void)co_await es::client::connect("127.0.0.1:1", es::client_config{.name = "a name that is long"});  // refused
    (void)co_await es::client::connect("127.0.0.1:12", {.name = "a name that is long"});                  // refused
    (void)co_await es::client::connect(address, {.call_timeout = 1s});                                    // refused
    (void)co_await es::client::connect(server, es::client_config{.name = "a name that is long"});         // refused
    (void)co_await es::client::connect(dialers, {.name = "a name that is long"});                         // refused
    (void)co_await es::client_pool::connect(address, es::client_pool_config{.size = 2});                  // refused
    (void)co_await es::client_pool::connect(server, {.client = {.name = "a name that is long"}});         // refused
}

asio::awaitable<void> items(es::sink<item<10>> first, es::sink<item<11>> second) {
    (void)co_await first.send(item<10>{"a name that is long", 2});  // refused
    (void)co_await second.send({"a name that is long", 2});         // refused
}

asio::awaitable<void> work(es::task_context& call, asio::thread_pool& pool, std::string text) {
    (void)co_await call.run_on(pool, [text] { return text.size(); });                                    // refused
    (void)co_await call.run_on(pool, [text](std::stop_token) { return text.size(); });                   // refused
    (void)co_await call.run_on(pool, [text = std::move(text)](std::stop_token) { return text + "!"; });  // refused
}
