// The notification that members of a chat room get.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

inline constexpr std::string_view chat_topic = "chat";

enum class chat_event { joined, left, said };
BOOST_DESCRIBE_ENUM(chat_event, joined, left, said)

/// The body of a `chat` notification; every text is untrusted.
struct chat_message {
    std::string room;
    chat_event event = chat_event::said;
    std::string name;  ///< The member that it is about.
    std::string text;  ///< The text that was said; or the reason, if the member's connection ended.
};
BOOST_DESCRIBE_STRUCT(chat_message, (), (room, event, name, text))

}  // namespace echosocket::cli
