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

/// The members of each room. A room exists while it has members; a name is unique within a room.
///
/// Every member is notified of all that happens in its room after it joined, in the same order, including what it said
/// itself.
///
/// Thread safety: all members may be called from any thread.
/// Lifetime: `owner` must outlive it.
class chat_rooms {
public:
    explicit chat_rooms(server& owner) : server_(owner) {}

    /// Returns the names of all members, the new one last.
    ///
    /// Errors: `bad_request` if the name or room is invalid or the name is taken; those of `group::join`.
    result<std::vector<std::string>> join(const peer& who, const std::string& name, const std::string& room);
    /// Errors: `bad_request` if the text is empty, too long or not UTF-8, or the speaker is not in the room.
    result<void> say(const peer& who, const std::string& room, std::string text);
    /// Errors: `bad_request` if the peer is not in the room.
    result<void> leave(const peer& who, const std::string& room);
    [[nodiscard]] std::vector<std::string> members(const std::string& room) const;

    /// Removes a peer whose connection has ended from every room.
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

/// Of the groups behind the rooms. Clients must neither subscribe to these topics nor notify them: a room is entered by
/// `chat_join`, so that its members see who listens and who speaks.
[[nodiscard]] bool is_room_topic(std::string_view topic) noexcept;

/// Registers the tasks and the handler for connections that end.
void add_chat(server& to);

}  // namespace echosocket::cli
