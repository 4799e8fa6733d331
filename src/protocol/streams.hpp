// The streams of the running calls: credit, room in the output, and what an ITEM, END or CREDIT may not do.
#pragma once

#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/stream.hpp"
#include "wire/frame.hpp"

#include <echosocket/content_type.hpp>

#include <boost/container/deque.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace echosocket::protocol {

/// What an item costs of its stream's credit, in bytes: its whole frame.
[[nodiscard]] std::size_t item_cost(const encoded_body& item) noexcept;

/// What became of an item that was to be sent.
enum class send_status : std::uint8_t {
    sent,
    no_credit,  ///< The reader is behind; `sendable` tells when it has given credit.
    no_room,    ///< The connection is behind; `sendable` tells when there is room, in turn with the other streams.
    too_large,  ///< Above `stream::largest_item`.
    closed,     ///< The stream was ended, the call is over, or this end sends none.
};

class streams {
public:
    /// The REQUEST goes out, or has come in: items may be sent from here on, once the other end's HELLO is there.
    void open(engine_state& state, std::uint32_t id, stream& s);
    /// The call has ended for this end; further frames about it are ignored.
    void close(stream& s);
    /// The call has been answered, or is being cancelled: its items are neither sent nor handed out any more, but
    /// frames about it may still come.
    static void stop(stream& s) noexcept { s.over_ = true; }

    /// Moves from `item` only if it is sent. `room` may be waived for items that were promised already.
    enum class room : std::uint8_t { awaited, waived };
    [[nodiscard]] send_status send(engine_state& state, stream& s, encoded_body& item, room needed = room::awaited);
    /// No more items go out, since there are no more or since the sender failed.
    void end(engine_state& state, stream& s, const std::optional<failure>& why);
    /// An item of that cost was consumed: grants credit if that is worth a frame.
    void consumed(engine_state& state, stream& s, std::size_t cost);

    /// An ITEM, END or CREDIT about a call that runs has come. True if `e` tells of it.
    [[nodiscard]] bool take(engine_state& state, const wire::frame& f, event& e);
    /// Does a call with that id have streams?
    [[nodiscard]] bool has(std::uint32_t id) const { return open_ && open_->by_id.contains(id); }

    /// The other end's HELLO has told the credit of each stream.
    void greeted(engine_state& state);
    /// The output has been written as far as that.
    void room_came(engine_state& state) noexcept;
    /// Tells of the next stream that may send.
    [[nodiscard]] bool next_sendable(engine_state& state, event& e);

private:
    struct open_streams {
        boost::unordered_flat_map<std::uint32_t, stream*> by_id;
        boost::container::deque<stream*> sendable;  // to be told of
        boost::container::deque<stream*> for_room;  // have items to send, the first one next
        bool held_back = false;                     // the output holds enough
    };

    void give_credit(engine_state& state, stream& s);
    [[nodiscard]] bool take_item(engine_state& state, stream& s, const wire::frame& f, event& e);
    [[nodiscard]] bool take_end(engine_state& state, stream& s, const wire::frame& f, event& e);
    [[nodiscard]] bool take_credit(engine_state& state, stream& s, const wire::frame& f, event& e);
    static bool fault(engine_state& state, const wire::frame& f, std::string_view what);

    std::unique_ptr<open_streams> open_;  // made for the first stream
};

}  // namespace echosocket::protocol
