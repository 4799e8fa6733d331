#include "simulation/scenario/tasks.hpp"

#include <echosocket/group.hpp>
#include <echosocket/task.hpp>

#include <chrono>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

/// Every number that a client's connection tells follows on the one before.
void hear(world& in, site::term& of, const peer& who, std::uint64_t number) {
    ++in.kept.counted.notifications;
    const auto known = of.last_heard.find(who.id());
    if (known != of.last_heard.end() && number != known->second + 1)
        in.kept.broken("server " + std::to_string(of.number) + " heard number " + std::to_string(number) + " behind " +
                       std::to_string(known->second) + " from peer " + std::to_string(who.id()));
    of.last_heard[who.id()] = number;
}

}  // namespace

void add_groups(world& in, site::term& of) {
    of.server.on("join", [&in, &of](task_context& call, std::size_t which) -> result<void> {
        const std::string name = room_names.at(which);
        const auto room = of.server.group(name);
        const auto who = call.peer();
        if (room.has(who)) return {};
        auto joined = room.join(who);
        if (joined) in.members.joined(of.name_of(who), name, of.last_told[name]);
        return joined;
    });
    of.server.on("leave", [&in, &of](task_context& call, std::size_t which) {
        const std::string name = room_names.at(which);
        const auto who = call.peer();
        if (of.server.group(name).leave(who)) in.members.left(of.name_of(who), name, of.last_told[name]);
    });
    of.server.on_notify("up", [&in, &of](task_context& call, std::uint64_t number) -> asio::awaitable<void> {
        hear(in, of, call.peer(), number);
        if (in.random().one_in(4)) co_await call.sleep_for(milliseconds(in.random().below(50)));
    });
    of.server.on_connect([&in, &of](const peer& who) -> result<void> {
        // Before anything else on this connection, so that the client knows whose number it is told.
        auto named = who.notify("you_are", of.number, who.id());
        if (!named) in.kept.broken("a new peer could not be notified: " + named.error().message());
        const auto joined = of.server.group(lobby_name).join(who);
        in.kept.demand(joined.has_value(), "a new peer could not join a group");
        in.members.joined(of.name_of(who), lobby_name, of.last_told[lobby_name]);
        return {};
    });
    of.server.on_disconnect([&in, &of](const peer& who, const failure&) {
        for (const auto* name : {lobby_name, room_names[0], room_names[1], topic_names[0], topic_names[1]})
            in.kept.demand(!of.server.group(name).has(who), "who has gone is still in " + std::string(name));
    });
}

}  // namespace echosocket::simulated
