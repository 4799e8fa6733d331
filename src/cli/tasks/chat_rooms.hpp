// The chat rooms behind the tasks `chat_join`, `chat_say`, `chat_leave` and `chat_members`.
#pragma once

#include "cli/tasks/chat_message.hpp"

#include <echosocket/group.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>
#include <echosocket/server.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

inline constexpr std::size_t longest_chat_name = 64;    // bytes, of a person or a room
inline constexpr std::size_t longest_chat_text = 4096;  // bytes

/// Who is in which room. A room is there while somebody is in it; a name is borne once in a room.
///
/// Every member of a room is told what happens in it, in one order, from its own join on: what is said its speaker too.
///
/// Thread safety: any thread.
/// Lifetime: `owner` outlives it.
class chat_rooms {
public:
    explicit chat_rooms(server& owner) : server_(owner) {}

    /// The names of all members, the new one last.
    ///
    /// Errors: `bad_request` for a name or room of no use, or a name that is taken; those of `group::join`.
    result<std::vector<std::string>> join(const peer& who, const std::string& name, const std::string& room);
    /// Errors: `bad_request` for a text that is empty, too long or no UTF-8, or where the speaker is not in the room.
    result<void> say(const peer& who, const std::string& room, std::string text);
    /// Errors: `bad_request` where it is not in the room.
    result<void> leave(const peer& who, const std::string& room);
    [[nodiscard]] std::vector<std::string> members(const std::string& room) const;

    /// Takes somebody whose connection has ended out of every room.
    void lose(const peer& who, const failure& why);

private:
    struct member {
        std::uint64_t id;
        std::string name;
    };
    struct room_state {
        group all;
        std::vector<member> members;
    };
    using rooms = std::map<std::string, room_state, std::less<>>;

    static std::vector<std::string> names_in(const room_state& room);
    void take_out(rooms::iterator room, const peer& who, std::string why);

    server& server_;
    mutable std::mutex mutex_;
    rooms rooms_;
};

/// Registers the tasks, and what is to be done when somebody's connection ends.
void add_chat(server& to);

}  // namespace echosocket::cli
