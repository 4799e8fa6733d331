#include "simulation/scenario/tasks.hpp"

#include <echosocket/stream.hpp>
#include <echosocket/task.hpp>

#include <chrono>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

// One in so many items takes a reader time.
constexpr std::uint64_t pause_after = 4;

asio::awaitable<result<std::uint64_t>> take_all(world& in, task_context& call, source<std::string>& items,
                                                std::uint64_t number, int pace) {
    for (std::uint64_t taken = 0;; ++taken) {
        auto item = co_await items.next();
        if (!item) co_return std::move(item.error());
        if (!*item) co_return taken;
        check_item(in, number, taken, **item);
        if (pace != 0 && taken % pause_after == 0) co_await call.sleep_for(milliseconds(pace));
    }
}

asio::awaitable<result<std::uint64_t>> give_all(task_context& call, sink<std::string>& items, std::uint64_t number,
                                                std::uint64_t count, std::size_t length, int pace) {
    for (std::uint64_t given = 0; given != count; ++given) {
        const auto item = item_of(number, given, length);
        auto sent = co_await items.send(item);
        if (!sent) co_return std::move(sent.error());
        if (pace != 0 && given % pause_after == 0) co_await call.sleep_for(milliseconds(pace));
    }
    co_return count;
}

asio::awaitable<result<std::uint64_t>> mirror_all(world& in, source<std::string>& items, sink<std::string>& mirrored,
                                                  std::uint64_t number) {
    for (std::uint64_t taken = 0;; ++taken) {
        auto item = co_await items.next();
        if (!item) co_return std::move(item.error());
        if (!*item) co_return taken;
        check_item(in, number, taken, **item);
        auto sent = co_await mirrored.send(**item);
        if (!sent) co_return std::move(sent.error());
    }
}

}  // namespace

std::string item_of(std::uint64_t number, std::uint64_t place, std::size_t length) {
    return std::to_string(number) + " " + std::to_string(place) + " " + text_of(place, length);
}

void check_item(world& in, std::uint64_t number, std::uint64_t place, const std::string& item) {
    ++in.kept.counted.items;
    const auto wanted = std::to_string(number) + " " + std::to_string(place) + " ";
    if (!item.starts_with(wanted))
        return in.kept.broken("stream #" + std::to_string(number) + " got the item \"" + item.substr(0, 20) +
                              "\" in place of number " + std::to_string(place));
    in.kept.demand(item.substr(wanted.size()) == text_of(place, item.size() - wanted.size()),
                   "an item of stream #" + std::to_string(number) + " has changed on its way");
}

void add_stream_tasks(world& in, site::term& of) {
    of.server.on("take", [&in](task_context& call, source<std::string>& items, std::uint64_t number, int pace) {
        in.kept.runs(number);
        return take_all(in, call, items, number, pace);
    });
    of.server.on("give", [&in](task_context& call, sink<std::string>& items, std::uint64_t number, std::uint64_t count,
                               std::size_t length, int pace) {
        in.kept.runs(number);
        return give_all(call, items, number, count, length, pace);
    });
    of.server.on("mirror", [&in](source<std::string>& items, sink<std::string>& mirrored, std::uint64_t number) {
        in.kept.runs(number);
        return mirror_all(in, items, mirrored, number);
    });
}

}  // namespace echosocket::simulated
