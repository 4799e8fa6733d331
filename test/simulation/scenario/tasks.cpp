#include "simulation/scenario/tasks.hpp"

#include <echosocket/task.hpp>

#include <chrono>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

/// For servers and clients alike.
template <class Handlers>
void add_plain_tasks(world& in, Handlers& of) {
    of.on("answer", [&in](std::uint64_t number, const std::string& text) {
        in.kept.runs(number);
        return answer_of(number, text);
    });
    // A coroutine that does not suspend.
    of.on("answer_soon", [&in](std::uint64_t number, std::string text) -> asio::awaitable<std::string> {
        in.kept.runs(number);
        co_return answer_of(number, text);
    });
    of.on("wait", [&in](task_context& call, std::uint64_t number, int time) -> asio::awaitable<std::uint64_t> {
        in.kept.runs(number);
        if (time != 0) co_await call.sleep_for(milliseconds(time));
        co_return number;
    });
}

}  // namespace

std::string answer_of(std::uint64_t number, const std::string& text) {
    return std::to_string(number) + ":" + text;
}

void add_tasks(world& in, site::term& of) {
    add_plain_tasks(in, of.server);
    // It takes effect when nothing can stop it any more.
    of.server.on("book", [&in, &of](task_context& call, std::string key, int time) -> asio::awaitable<std::uint64_t> {
        if (time != 0) co_await call.sleep_for(milliseconds(time));
        co_return in.kept.takes_effect(of.number, key);
    });
    of.server.on(
        "ask_back",
        [&in](task_context& call, std::uint64_t number, std::string text) -> asio::awaitable<result<std::string>> {
            in.kept.runs(number);
            const auto asked = in.kept.begin("a call back");
            auto asking = call.peer().call<std::string>("answer", asked, text);
            auto answered = co_await counted(in, asked, std::move(asking));
            if (answered) in.kept.demand(*answered == answer_of(asked, text), "a call back got another's answer");
            if (!answered) co_return std::move(answered.error());
            co_return answer_of(number, text);
        });
}

void add_client_tasks(world& in, handlers& of) {
    add_plain_tasks(in, of);
    of.on("echo", [](const std::string& text) { return text; });
}

}  // namespace echosocket::simulated
