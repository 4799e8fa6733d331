// What the members of a chat room are notified of.
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

/// One notification of topic `chat`; every text is untrusted.
struct chat_message {
    std::string room;
    chat_event event = chat_event::said;
    std::string name;  ///< Of whom it tells.
    std::string text;  ///< What was said; why somebody left, where the connection ended.
};
BOOST_DESCRIBE_STRUCT(chat_message, (), (room, event, name, text))

}  // namespace echosocket::cli
