#include "cli/tasks/chat_rooms.hpp"

#include "cli/text.hpp"

#include <echosocket/task.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace echosocket::cli {

namespace {

/// The rooms that a peer is in, stored with the peer; used only on its connection's strand.
struct chat_presence {
    std::set<std::string> rooms;
};

chat_presence& presence_of(const peer& who) {
    auto known = who.data<chat_presence>();
    if (!known) who.set_data(known = std::make_shared<chat_presence>());
    return *known;  // owned by the peer
}

/// Returns true if the name can be shown in front of `: ` and the text.
bool is_usable_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_chat_name && name.front() != ' ' && name.back() != ' ' &&
           name.find_first_of(":\t") == std::string_view::npos && one_line(name) == name;
}

failure unusable(const char* what) {
    return {errc::bad_request, std::string("expected ") + what + " of 1 to " + std::to_string(longest_chat_name) +
                                   " bytes of printable UTF-8, without a colon and without blanks around it"};
}

failure not_in(const std::string& room) {
    return {errc::bad_request, "not in the room '" + one_line(room) + "': chat_join comes first"};
}

constexpr std::string_view room_prefix = "chat/";

/// Differs from the room's own name, because a topic that a client subscribes to is a group too.
std::string group_name(const std::string& room) {
    return std::string(room_prefix) + room;
}

template <class Members>
auto find_member(Members& members, const peer& who) {
    return std::ranges::find_if(members, [id = who.id()](const auto& each) { return each.id == id; });
}

}  // namespace

result<std::vector<std::string>> chat_rooms::join(const peer& who, const std::string& name, const std::string& room) {
    if (!is_usable_name(name)) return unusable("a name");
    if (!is_usable_name(room)) return unusable("a room's name");
    const std::lock_guard lock(mutex_);
    const auto known = rooms_.find(room);
    if (known != rooms_.end()) {
        const auto& members = known->second.members;
        if (find_member(members, who) != members.end()) return names_in(known->second);
        if (std::ranges::any_of(members, [&name](const member& each) { return each.name == name; }))
            return failure(errc::bad_request, "somebody of the name " + name + " is in that room already");
    }
    auto all = server_.group(group_name(room));
    auto joined = all.join(who);
    if (!joined) return joined.error();
    presence_of(who).rooms.insert(room);
    auto& entered = rooms_.try_emplace(room, room_state{all, {}}).first->second;
    entered.members.push_back({who.id(), name});
    all.notify_others(who, chat_topic, chat_message{room, chat_event::joined, name, {}});
    return names_in(entered);
}

result<void> chat_rooms::say(const peer& who, const std::string& room, std::string text) {
    if (text.empty() || text.size() > longest_chat_text || !is_text(text))
        return failure(errc::bad_request,
                       "expected a text of 1 to " + std::to_string(longest_chat_text) + " bytes of UTF-8");
    const std::lock_guard lock(mutex_);
    const auto known = rooms_.find(room);
    if (known == rooms_.end()) return not_in(room);
    const auto speaker = find_member(known->second.members, who);
    if (speaker == known->second.members.end()) return not_in(room);
    known->second.all.notify(chat_topic, chat_message{room, chat_event::said, speaker->name, std::move(text)});
    return {};
}

result<void> chat_rooms::leave(const peer& who, const std::string& room) {
    if (presence_of(who).rooms.erase(room) == 0) return not_in(room);
    const std::lock_guard lock(mutex_);
    take_out(rooms_.find(room), who, {});
    return {};
}

std::vector<std::string> chat_rooms::members(const std::string& room) const {
    const std::lock_guard lock(mutex_);
    const auto known = rooms_.find(room);
    return known == rooms_.end() ? std::vector<std::string>() : names_in(known->second);
}

void chat_rooms::lose(const peer& who, const failure& why) {
    const auto presence = who.data<chat_presence>();
    if (!presence) return;
    const std::lock_guard lock(mutex_);
    for (const auto& room : presence->rooms) take_out(rooms_.find(room), who, why.message());
}

std::vector<std::string> chat_rooms::names_in(const room_state& room) {
    std::vector<std::string> names;
    for (const auto& each : room.members) names.push_back(each.name);
    return names;
}

void chat_rooms::take_out(rooms::iterator room, const peer& who, std::string why) {
    if (room == rooms_.end()) return;
    auto& [all, members] = room->second;
    const auto leaver = find_member(members, who);
    if (leaver == members.end()) return;
    all.leave(who);
    all.notify(chat_topic, chat_message{room->first, chat_event::left, leaver->name, std::move(why)});
    members.erase(leaver);
    if (members.empty()) rooms_.erase(room);
}

bool is_room_topic(std::string_view topic) noexcept {
    return topic.starts_with(room_prefix);
}

void add_chat(server& to) {
    const auto rooms = std::make_shared<chat_rooms>(to);
    to.on(
        "chat_join",
        [rooms](task_context& call, const std::string& name, const std::string& room) {
            return rooms->join(call.peer(), name, room);
        },
        "Enters a room under a name and answers who is there; what happens comes as notifications of topic chat");
    to.on(
        "chat_say",
        [rooms](task_context& call, const std::string& room, std::string text) {
            return rooms->say(call.peer(), room, std::move(text));
        },
        "Says a text to all in a room");
    to.on(
        "chat_leave", [rooms](task_context& call, const std::string& room) { return rooms->leave(call.peer(), room); },
        "Leaves a room");
    to.on(
        "chat_members", [rooms](const std::string& room) { return rooms->members(room); }, "Answers who is in a room");
    to.on_disconnect([rooms](const peer& who, const failure& why) { rooms->lose(who, why); });
}

}  // namespace echosocket::cli
