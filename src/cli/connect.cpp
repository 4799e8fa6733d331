#include "cli/connect.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <utility>
#include <variant>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

std::string text_of(const json::object& task, std::string_view key) {
    const auto* value = task.if_contains(key);
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(*text) : std::string();
}

}  // namespace

asio::awaitable<result<client>> connect_within(std::string address, const time_budget& budget) {
    return connect_within(std::move(address), budget, client_config());
}

asio::awaitable<result<client>> connect_within(std::string address, const time_budget& budget, client_config config) {
    using namespace asio::experimental::awaitable_operators;
    config.name = "echosocket command";
    const auto left = budget.left();
    config.call_timeout = left.value_or(std::chrono::milliseconds::zero());
    if (!left) {
        auto connected = co_await client::connect(std::move(address), config);
        co_return connected;
    }
    config.connect_timeout = *left;
    config.limits.hello_timeout = *left;
    // Connecting and the HELLO each have that time; this timer limits both together.
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer over(executor, *left);
    auto either = client::connect(std::move(address), config) || over.async_wait(asio::as_tuple(asio::use_awaitable));
    auto first = co_await std::move(either);
    if (first.index() == 1) co_return failure(errc::connect_timeout);
    co_return std::get<0>(std::move(first));
}

std::function<void(client_state, const failure&)> tell_of_losses(std::string address,
                                                                 std::function<void(const std::string&)> tell) {
    enum class link { none, up, down };
    return [address = std::move(address), tell = std::move(tell), now = link::none](client_state state,
                                                                                    const failure& why) mutable {
        if (state == client_state::connected) {
            if (now == link::down) tell("connected to " + address + " again");
            now = link::up;
        } else if (now == link::up && state != client_state::closed) {
            now = link::down;
            tell("the connection to " + address + " was lost: " + why.message() + "; trying again");
        }
    };
}

result<std::vector<offered_task>> read_tasks(std::string_view reply) {
    boost::system::error_code error;
    const auto parsed = json::parse({reply.data(), reply.size()}, error);
    const auto* list = error ? nullptr : parsed.if_array();
    if (list == nullptr) return failure(errc::bad_reply, "the server's list of tasks can't be read");
    std::vector<offered_task> tasks;
    for (const auto& entry : *list) {
        const auto* task = entry.if_object();
        if (task == nullptr || text_of(*task, "name").empty()) continue;
        tasks.push_back({text_of(*task, "name"), text_of(*task, "arguments"), text_of(*task, "returns"),
                         text_of(*task, "takes"), text_of(*task, "sends"), text_of(*task, "description")});
    }
    return tasks;
}

asio::awaitable<result<std::vector<offered_task>>> fetch_tasks(client server, std::chrono::milliseconds timeout) {
    call_options options;
    options.timeout = timeout;
    encoded_body nothing;
    auto reply = co_await server.call_raw("$tasks", std::move(nothing), std::move(options));
    if (!reply) co_return reply.error();
    co_return read_tasks(reply->body);
}

std::vector<std::string> names_of(const std::vector<offered_task>& tasks) {
    std::vector<std::string> names;
    for (const auto& task : tasks) names.push_back(task.name);
    return names;
}

}  // namespace echosocket::cli
